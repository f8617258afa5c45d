import type { Census } from './census.ts'
import { EntityKind, entityBits } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { KeyedRandom } from './keyed-random.ts'
import { snowflake } from './snowflake.ts'

/** When traffic begins, in Unix ms, and how far apart its events are: fixed, so that runs repeat. */
const trafficFromMs = Date.UTC(2026, 0, 15)
const eventGapMs = 10

/** Indexes from here on are of things that no GUILD_CREATE lists: they come and go with the traffic. */
const transientFrom = 1200
const transientCount = 10_000
/** Fewer than the users that are in no way members of the guild. */
const strangers = 5000

/** What an event is made from. */
export interface SceneOptions {
  readonly census: Census
  /** Of the traffic. */
  readonly seed: number
  /** Position of the event in its traffic; negative for what was before. */
  readonly number: number
  /** Default: any. */
  readonly guild?: Guild | undefined
}

/** Where and when an event happens, with randomness of its own: the same for the same seed and number. */
export class Scene {
  readonly census: Census
  readonly seed: number
  readonly number: number
  readonly random: KeyedRandom
  readonly guild: Guild
  /** Unix ms. */
  readonly timeMs: number

  /** @throws RangeError when the world has no guilds. */
  constructor({ census, seed, number, guild }: SceneOptions) {
    this.census = census
    this.seed = seed
    this.number = number
    this.random = new KeyedRandom(seed, EntityKind.Traffic, number)
    this.guild = guild ?? this.random.pick(census.guilds)
    this.timeMs = trafficFromMs + number * eventGapMs
  }

  /** A new id of this time. */
  id(kind: EntityKind): string {
    return snowflake(this.timeMs, entityBits(kind, this.random.bits()))
  }

  /** Any member but the bot, if the guild has one. */
  member(): number {
    const { members } = this.guild.size
    return members > 1 ? this.random.between(1, members - 1) : 0
  }

  /** Someone outside the guild, as a member index beyond its members. */
  stranger(): number {
    return this.guild.size.members + (this.transient() % strangers)
  }

  /** A text channel that the bot can view, by index. */
  textChannel(): number {
    return this.random.pick(this.guild.layout.text)
  }

  /** A voice channel that the bot can view, by index; a text channel in a guild without voice. */
  voiceChannel(): number {
    const { voice } = this.guild.layout
    return voice.length > 0 ? this.random.pick(voice) : this.textChannel()
  }

  /** A stage channel, by index; a voice channel in a guild without stages. */
  stageChannel(): number {
    return this.guild.layout.stage[0] ?? this.voiceChannel()
  }

  /** An active thread, by index; one that comes and goes in a guild without. */
  thread(): number {
    return this.guild.threadCount > 0 ? this.random.below(this.guild.threadCount) : this.transient()
  }

  /** An index below `count`, or 0: also what has none may be updated. */
  index(count: number): number {
    return this.random.below(Math.max(1, count))
  }

  /** The index of something that comes and goes; the same for a few events on end. */
  transient(): number {
    const position = Math.abs(Math.floor(this.number / 3)) % transientCount
    return transientFrom + position * 12
  }
}
