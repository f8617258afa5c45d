import { oneOf } from '../option-check.ts'
import { EntityKind } from './entity-kind.ts'
import { KeyedRandom } from './keyed-random.ts'
import { absentTypes, trafficMixes } from './profile.ts'
import type { TrafficProfile } from './profile.ts'
import { makeEvent, sampledTypes } from './traffic-event.ts'
import type { TrafficEvent } from './traffic-event.ts'
import type { World } from './world.ts'

export { sampledTypes }
export type { TrafficEvent, TrafficProfile }

/** What traffic to make. */
export interface TrafficSettings {
  readonly profile: TrafficProfile
  /** Default 1. The same world, profile and seed give the same events. */
  readonly seed?: number
}

/** How many messages back edits, reactions and deletions reach. */
const memory = 256
/** The types that happen to a guild as a whole: in turn to every guild, an outage before each return. */
const guildTurns: ReadonlySet<string> = new Set(['GUILD_DELETE', 'GUILD_CREATE'])

/** An endless stream of events in a world, mixed after a profile. */
export class Traffic {
  readonly #world: World
  readonly #seed: number
  readonly #random: KeyedRandom
  readonly #shares: readonly (readonly [type: string, below: number])[]
  readonly #others: readonly string[]
  /** Numbers of the latest MESSAGE_CREATEs, as a ring. */
  readonly #messages: number[] = []
  #messageCount = 0
  #otherCount = 0
  #guildCount = 0
  #number = 0

  /** @throws RangeError when the world has no guilds, and for an unknown profile. */
  constructor(world: World, { profile, seed = 1 }: TrafficSettings) {
    oneOf<string>('profile', profile, Object.keys(trafficMixes))
    if (world.guildIds.length === 0) throw new RangeError('traffic needs a world with guilds')
    this.#world = world
    this.#seed = seed
    this.#random = new KeyedRandom(world.census.seed, EntityKind.Traffic, seed)
    const mix = Object.entries(trafficMixes[profile])
    let below = 0
    this.#shares = mix.map(([type, share]) => [type, (below += share)] as const)
    const named = new Set([...mix.map(([type]) => type), ...absentTypes[profile]])
    this.#others = sampledTypes.filter((type) => !named.has(type))
  }

  /** Makes the next event. */
  next(): TrafficEvent {
    const number = this.#number++
    const type = this.#pickType()
    const isMessage = type === 'MESSAGE_CREATE'
    if (isMessage) this.#messages[this.#messageCount++ % memory] = number
    const inTurn = guildTurns.has(type)
    const event = makeEvent(type, {
      census: this.#world.census,
      seed: this.#seed,
      number,
      subject: isMessage || type === 'TYPING_START' ? number : this.#pickMessage(),
      guild: inTurn ? this.#turn() : undefined,
    })
    if (type === 'GUILD_CREATE') this.#guildCount++
    return event
  }

  #pickType(): string {
    const drawn = this.#random.next() * 100
    for (const [type, below] of this.#shares) if (drawn < below) return type
    return this.#others[this.#otherCount++ % this.#others.length] ?? 'MESSAGE_CREATE'
  }

  /** The number of a recent message; before the first one, of one from before. */
  #pickMessage(): number {
    const back = this.#random.below(memory)
    return this.#messages[back % Math.max(1, this.#messages.length)] ?? -1 - back
  }

  #turn() {
    const { guilds } = this.#world.census
    return guilds[this.#guildCount % guilds.length]
  }
}

/**
 * A realistic event of a type, always the same for a world: any of {@link sampledTypes}.
 * @throws RangeError for another type, READY and RESUMED included, or when the world has no guilds.
 */
export function sample(world: World, type: string): TrafficEvent {
  const number = Math.max(0, sampledTypes.indexOf(type))
  return makeEvent(type, { census: world.census, seed: world.census.seed, number })
}
