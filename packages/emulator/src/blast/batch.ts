import { OutboundEvent } from '../dispatch/outbound-event.ts'
import { positive } from '../option-check.ts'
import { Traffic } from '../traffic/traffic.ts'
import type { TrafficProfile } from '../traffic/traffic.ts'
import type { World } from '../traffic/world.ts'

/** What to prepare. */
export interface PrepareOptions {
  /** Number of events. */
  readonly count: number
  /** Default `'A'`. */
  readonly profile?: TrafficProfile
  /** Default: the emulator's seed. */
  readonly seed?: number
  /** Index of the bot whose world the events are about. Default 0. */
  readonly bot?: number
}

/** Events made and serialised ahead; only sequence, compression and framing are left for the time of sending. */
export class Batch {
  /** In the order of sending. */
  readonly events: readonly OutboundEvent[]
  /** Index of the bot whose world the events are about. */
  readonly bot: number
  readonly #byCount = new Map<number, ReadonlyMap<number, readonly OutboundEvent[]>>()

  constructor(events: readonly OutboundEvent[], bot: number) {
    this.events = events
    this.bot = bot
  }

  /** The events that go to one shard, in order. */
  forShard(shardId: number, shardCount: number): readonly OutboundEvent[] {
    if (shardCount === 1) return this.events
    let shards = this.#byCount.get(shardCount)
    if (shards === undefined) {
      shards = Map.groupBy(this.events, (event) => event.shard(shardCount))
      this.#byCount.set(shardCount, shards)
    }
    return shards.get(shardId) ?? []
  }

  /** Makes a batch from seeded traffic. @throws RangeError for an option out of range, or a world without guilds. */
  static prepare(world: World, { count, profile = 'A', seed = 1, bot = 0 }: PrepareOptions): Batch {
    positive('count', count)
    const traffic = new Traffic(world, { profile, seed })
    const events: OutboundEvent[] = []
    for (let index = 0; index < count; index++) {
      const { type, data, guildId } = traffic.next()
      const event = new OutboundEvent(type, data, guildId)
      event.serialise()
      events.push(event)
    }
    return new Batch(events, bot)
  }
}
