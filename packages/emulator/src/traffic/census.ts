import type { APIUser } from 'discord-api-types/v10'
import { EntityKind, entityBits } from './entity-kind.ts'
import { Guild } from './guild.ts'
import type { GuildSize } from './guild.ts'
import { KeyedRandom } from './keyed-random.ts'
import { snowflake, snowflakeLow, snowflakeTime } from './snowflake.ts'
import { makeBotUser, makeUser } from './user.ts'
import type { WireUser } from './user.ts'

/** What a census is taken of. */
export interface CensusOptions {
  readonly seed: number
  readonly guilds: number
  /** Counts that are given hold for every guild; the others vary from guild to guild. */
  readonly size: Partial<GuildSize>
}

const guildsFromMs = Date.UTC(2016, 0, 1)
const guildsUntilMs = Date.UTC(2025, 0, 1)
const usersFromMs = Date.UTC(2015, 5, 1)
const usersUntilMs = Date.UTC(2025, 0, 1)

/** Medians whose GUILD_CREATE is about 20 kB, and bounds within Discord's limits. */
const median: GuildSize = { channels: 20, members: 7, roles: 12, emojis: 14 }
const smallest: GuildSize = { channels: 6, members: 3, roles: 3, emojis: 0 }
const largest: GuildSize = { channels: 500, members: 220, roles: 250, emojis: 300 }
/** Spread of the log-normal factor that makes most guilds small and a few of them 20 times as large. */
const spread = 0.95

/** Everyone and everything that has a number in a world: the bot, the users, the guilds. */
export class Census {
  readonly seed: number
  readonly bot: APIUser
  /** The bot's direct channel with user 0. */
  readonly directChannelId: string
  readonly guilds: readonly Guild[]
  readonly #byId: ReadonlyMap<string, Guild>
  readonly #slotMs: number
  readonly #userPool: number
  readonly #userSlotMs: number

  constructor({ seed, guilds: count, size }: CensusOptions) {
    this.seed = seed
    this.bot = makeBotUser(new KeyedRandom(seed, EntityKind.Application), this.applicationId)
    this.directChannelId = this.idOf(EntityKind.Channel, -1)
    this.#userPool = Math.max(10_000, 4 * (size.members ?? largest.members), 4 * count)
    this.#userSlotMs = Math.floor((usersUntilMs - usersFromMs) / this.#userPool)
    this.#slotMs = Math.floor((guildsUntilMs - guildsFromMs) / Math.max(1, count))
    this.guilds = Array.from(
      { length: count },
      (_, index) =>
        new Guild({
          seed,
          index,
          slotStartMs: guildsFromMs + index * this.#slotMs,
          slotMs: this.#slotMs,
          userPool: this.#userPool,
          size: { ...guildSize(seed, index), ...size },
        }),
    )
    this.#byId = new Map(this.guilds.map((guild) => [guild.id, guild]))
  }

  /** The id of the application, which is also that of its bot user. */
  get applicationId(): string {
    return this.idOf(EntityKind.Application, 0)
  }

  guild(id: string): Guild | undefined {
    return this.#byId.get(id)
  }

  /** The id of a thing that is in no guild. */
  idOf(kind: EntityKind, index: number): string {
    const random = new KeyedRandom(this.seed, kind, index)
    const age = Math.floor(random.next() * (usersUntilMs - usersFromMs))
    return snowflake(usersFromMs + age, entityBits(kind, random.bits()))
  }

  userId(index: number): string {
    const random = new KeyedRandom(this.seed, EntityKind.User, index)
    const bornMs = usersFromMs + index * this.#userSlotMs + random.below(this.#userSlotMs)
    return snowflake(bornMs, entityBits(EntityKind.User, random.bits()))
  }

  user(index: number): WireUser {
    return makeUser(new KeyedRandom(this.seed, EntityKind.User, index, 1), this.userId(index), index)
  }

  /** The id of a guild's member; member 0 is the bot. */
  memberId(guild: Guild, member: number): string {
    return member === 0 ? this.bot.id : this.userId(guild.userOf(member))
  }

  /** The user who is a guild's member; member 0 is the bot. */
  memberUser(guild: Guild, member: number): APIUser {
    return member === 0 ? { ...this.bot } : this.user(guild.userOf(member))
  }

  /** Which member of the guild this user is, if any. */
  memberOf(guild: Guild, userId: string): number | undefined {
    if (userId === this.bot.id) return 0
    if (!isId(userId)) return undefined
    const index = Math.floor((snowflakeTime(userId) - usersFromMs) / this.#userSlotMs)
    return index >= 0 && this.userId(index) === userId ? guild.memberOf(index) : undefined
  }

  /** The guild that a channel or an active thread is in. */
  guildOfChannel(channelId: string): Guild | undefined {
    if (!isId(channelId)) return undefined
    const guild = this.guilds[Math.floor((snowflakeTime(channelId) - guildsFromMs) / this.#slotMs)]
    if (guild === undefined) return undefined
    const low = snowflakeLow(channelId)
    const channel = guild.indexOf(EntityKind.Channel, channelId, low)
    if (channel !== undefined) return channel < guild.size.channels ? guild : undefined
    const thread = guild.indexOf(EntityKind.Thread, channelId, low)
    return thread !== undefined && thread < guild.threadCount ? guild : undefined
  }
}

function isId(id: string): boolean {
  return /^\d{17,20}$/.test(id)
}

function guildSize(seed: number, index: number): GuildSize {
  const factor = Math.exp(spread * new KeyedRandom(seed, EntityKind.Guild, index, 1).normal())
  const scaled = (key: keyof GuildSize): number =>
    Math.min(largest[key], Math.max(smallest[key], Math.round(median[key] * factor)))
  return {
    channels: scaled('channels'),
    members: scaled('members'),
    roles: scaled('roles'),
    emojis: scaled('emojis'),
  }
}
