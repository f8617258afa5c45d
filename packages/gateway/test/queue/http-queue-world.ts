import { onTestFinished } from 'vitest'

import {
  createQueueServer,
  HttpIdentifyQueue,
  InMemoryIdentifyQueue,
  type IdentifyQueue,
  type QueueServer,
} from '../../src/queue/index.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'
import type { QueueUnderTest } from './conformance.ts'

export const windowMs = 5_000

export interface HttpQueueWorld extends QueueUnderTest {
  readonly server: QueueServer
  readonly clock: VirtualClock
  /** The queue behind the server. */
  readonly memory: InMemoryIdentifyQueue
}

/**
 * Client and server over loopback, around a queue in virtual time. `advance` returns when everybody at the client has
 * been answered whom the server let go, and everybody else waits there.
 */
export async function httpQueueWorld(maxConcurrency: number): Promise<HttpQueueWorld> {
  const clock = new VirtualClock()
  const memory = new InMemoryIdentifyQueue({ maxConcurrency, windowMs, slackMs: 0, clock })
  const server = await createQueueServer({ queue: memory, clock })
  onTestFinished(() => server.close())
  const client = new HttpIdentifyQueue({ url: server.url })
  let unanswered = 0
  const queue: IdentifyQueue = {
    acquire: (shardId, signal) => {
      unanswered += 1
      return client.acquire(shardId, signal).finally(() => (unanswered -= 1))
    },
  }
  const advance = async (ms: number): Promise<void> => {
    // In steps: a lane's next window runs from when the answer has left, which is no timer of the clock.
    for (let leftMs = ms; ; leftMs -= windowMs) {
      await clock.advance(Math.max(0, Math.min(windowMs, leftMs)))
      while (unanswered !== memory.waiting || unanswered !== server.waiting) await settled()
      await settled()
      if (leftMs <= windowMs) return
    }
  }
  return { queue, windowMs, advance, server, clock, memory }
}
