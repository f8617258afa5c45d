import {
  InMemoryIdentifyQueue,
  type InMemoryIdentifyQueueOptions,
} from '../../src/queue/in-memory-identify-queue.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { Claim } from './claim.ts'

/** A lane's window with its slack. */
export const windowMs = 5_125
export const dayMs = 86_400_000

/** A queue in virtual time, and shards that come to it. */
export interface World {
  readonly clock: VirtualClock
  readonly queue: InMemoryIdentifyQueue
  readonly claim: (shardId: number) => Claim
  /** A shard that spends its permit as soon as it has it. */
  readonly identify: (shardId: number) => Claim
  /** When each such shard spent its permit, in milliseconds from the beginning. */
  readonly identifiedAtMs: number[]
}

/** A new world with such a queue. */
export function world(options: Omit<InMemoryIdentifyQueueOptions, 'clock'> = {}): World {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const queue = new InMemoryIdentifyQueue({ ...options, clock })
  const identifiedAtMs: number[] = []
  const identify = (shardId: number): Claim => {
    const claim: Claim = new Claim(queue, shardId, () => {
      identifiedAtMs.push(clock.now() - startMs)
      claim.permit.spend()
    })
    return claim
  }
  return { clock, queue, claim: (shardId) => new Claim(queue, shardId), identify, identifiedAtMs }
}
