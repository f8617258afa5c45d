import { channelLayout } from './channel-layout.ts'
import type { ChannelLayout } from './channel-layout.ts'
import { EntityKind, entityBits, entityIndex } from './entity-kind.ts'
import { KeyedRandom } from './keyed-random.ts'
import { snowflake } from './snowflake.ts'

/** How many of each thing a guild has. */
export interface GuildSize {
  readonly channels: number
  /** The bot included. */
  readonly members: number
  /** @everyone included. */
  readonly roles: number
  readonly emojis: number
}

/** Where a guild stands in its world. */
export interface GuildPlace {
  readonly seed: number
  readonly index: number
  /** Unix ms; the ids of the guild and of what is in it lie in the slot that begins here. */
  readonly slotStartMs: number
  readonly slotMs: number
  readonly userPool: number
  readonly size: GuildSize
}

/**
 * A guild by its numbers. Its parts are not stored: each follows from the seed, the guild and an index, so that an
 * event costs only what it shows, in a world of any size.
 */
export class Guild {
  readonly id: string
  readonly index: number
  readonly size: GuildSize
  readonly createdMs: number
  readonly layout: ChannelLayout
  readonly #seed: number
  readonly #spanMs: number
  readonly #userPool: number
  readonly #userOffset: number

  constructor({ seed, index, slotStartMs, slotMs, userPool, size }: GuildPlace) {
    const random = new KeyedRandom(seed, EntityKind.Guild, index)
    this.index = index
    this.size = size
    this.createdMs = slotStartMs + Math.floor(random.next() * (slotMs / 2))
    this.id = snowflake(this.createdMs, entityBits(EntityKind.Guild, random.bits()))
    this.layout = channelLayout(size.channels)
    this.#seed = seed
    this.#spanMs = slotMs / 2
    this.#userPool = userPool
    this.#userOffset = random.below(userPool)
  }

  /** The numbers of one of its things. */
  random(kind: EntityKind, index: number): KeyedRandom {
    return new KeyedRandom(this.#seed, kind, this.index, index)
  }

  /** The id of one of its things. Role 0 is @everyone, whose id is the guild's. */
  idOf(kind: EntityKind, index: number): string {
    if (kind === EntityKind.Role && index === 0) return this.id
    return snowflake(this.bornMs(kind, index), entityBits(kind, index))
  }

  /** Unix ms at which one of its things was made. */
  bornMs(kind: EntityKind, index: number): number {
    return this.createdMs + Math.floor(this.random(kind, index).next() * this.#spanMs)
  }

  /** The index of the thing with this id, whose 22 lower bits are `low`; undefined if it has none. */
  indexOf(kind: EntityKind, id: string, low: number): number | undefined {
    const index = entityIndex(kind, low)
    return index !== undefined && this.idOf(kind, index) === id ? index : undefined
  }

  channelId(index: number): string {
    return this.idOf(EntityKind.Channel, index)
  }

  roleId(index: number): string {
    return this.idOf(EntityKind.Role, index)
  }

  /** The number of the user who is its `member`-th member; member 0 is the bot, who has no number. */
  userOf(member: number): number {
    return (this.#userOffset + member) % this.#userPool
  }

  /** The member that a user is, or undefined. */
  memberOf(userIndex: number): number | undefined {
    const member = (userIndex - this.#userOffset + this.#userPool) % this.#userPool
    return member > 0 && member < this.size.members ? member : undefined
  }

  /** Threads of its visible text channels. */
  get threadCount(): number {
    return Math.min(this.layout.text.length, Math.floor(this.size.channels / 12))
  }

  /** The index of the channel that a thread hangs from. */
  threadParent(thread: number): number {
    return this.layout.text[thread % this.layout.text.length] ?? 0
  }

  get stickerCount(): number {
    return Math.min(60, Math.floor(this.size.emojis / 8))
  }

  get soundCount(): number {
    return Math.min(48, Math.ceil(this.size.emojis / 6))
  }

  get eventCount(): number {
    return Math.min(20, Math.floor(this.size.channels / 20))
  }
}
