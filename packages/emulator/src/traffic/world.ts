import type {
  APIGuildMember,
  APISoundboardSound,
  APIUser,
  GatewayGuildCreateDispatchData,
  GatewayMessageCreateDispatchData,
  GatewayPresenceUpdate,
} from 'discord-api-types/v10'
import { Census } from './census.ts'
import { channelInfo } from './channel-info.ts'
import type { ChannelInfo } from './channel-info.ts'
import { ChannelKind, channelKind } from './channel-layout.ts'
import { makeChannel } from './channel.ts'
import type { GuildChannel } from './channel.ts'
import { EntityKind, entityBits } from './entity-kind.ts'
import { makeSound } from './expression.ts'
import { makeGuildCreate, makePresences } from './guild-create.ts'
import type { Guild } from './guild.ts'
import { listOf } from './list-of.ts'
import { KeyedRandom } from './keyed-random.ts'
import { makeMember, makePartialMember } from './member.ts'
import { makeMessage } from './message.ts'
import { snowflake, snowflakeLow } from './snowflake.ts'

/**
 * A world's size. Counts that are given hold for every guild. Counts that are left out vary from guild to guild
 * log-normally: most GUILD_CREATEs are about 20 kB, a few several hundred.
 */
export interface WorldOptions {
  /** Default 1. The same seed and counts give the same world. */
  readonly seed?: number
  /** Default 12. */
  readonly guilds?: number
  /** Default: about 20, at most 500. */
  readonly channelsPerGuild?: number
  /** The bot included. Default: about 7, at most 220. */
  readonly membersPerGuild?: number
  /** @everyone included. Default: about 12, at most 250. */
  readonly rolesPerGuild?: number
  /** Default: about 14, at most 300. */
  readonly emojisPerGuild?: number
}

/** What to write. */
export interface MessageOptions {
  readonly content: string
  /** Default: some member of the guild, or the bot's partner in the direct channel. */
  readonly author?: APIUser
  readonly nonce?: string | number
}

/** First message of {@link World.message}; each is a second later, so that runs repeat. */
const messagesFromMs = Date.UTC(2026, 0, 1)

/** The guilds, users and channels that a bot can see: made up, the same for the same seed, made when asked for. */
export class World {
  /** The bot. */
  readonly user: APIUser
  readonly application: { readonly id: string; readonly flags: number }
  readonly guildIds: readonly string[]
  /** The bot's direct channel with a user. */
  readonly dmChannelId: string
  /** The numbers behind the world. @internal */
  readonly census: Census
  #hiddenChannelIds: ReadonlySet<string> | undefined
  #messages = 0

  constructor(options: WorldOptions = {}) {
    const {
      seed = 1,
      guilds = 12,
      channelsPerGuild,
      membersPerGuild,
      rolesPerGuild,
      emojisPerGuild,
    } = options
    this.census = new Census({
      seed,
      guilds,
      size: {
        ...(channelsPerGuild !== undefined && { channels: Math.max(1, channelsPerGuild) }),
        ...(membersPerGuild !== undefined && { members: Math.max(1, membersPerGuild) }),
        ...(rolesPerGuild !== undefined && { roles: Math.max(1, rolesPerGuild) }),
        ...(emojisPerGuild !== undefined && { emojis: emojisPerGuild }),
      },
    })
    this.user = this.census.bot
    this.application = { id: this.census.applicationId, flags: 565_248 }
    this.guildIds = this.census.guilds.map(({ id }) => id)
    this.dmChannelId = this.census.directChannelId
  }

  /** Channels that the bot cannot view, three a guild at most. */
  get hiddenChannelIds(): ReadonlySet<string> {
    this.#hiddenChannelIds ??= new Set(
      this.census.guilds.flatMap((guild) => guild.layout.hidden.map((index) => guild.channelId(index))),
    )
    return this.#hiddenChannelIds
  }

  hasGuild(id: string): boolean {
    return this.census.guild(id) !== undefined
  }

  /** Whether it is a guild channel, an active thread, or the direct channel. */
  hasChannel(id: string): boolean {
    return id === this.dmChannelId || this.census.guildOfChannel(id) !== undefined
  }

  /** The guild that a channel or an active thread is in. */
  guildOfChannel(channelId: string): string | undefined {
    return this.census.guildOfChannel(channelId)?.id
  }

  /**
   * A new GUILD_CREATE without `unavailable`, with every member and presence and no channel obfuscated.
   * @throws RangeError for an unknown guild, as do all methods that take a guild.
   */
  guildCreate(guildId: string): GatewayGuildCreateDispatchData {
    return makeGuildCreate(this.census, this.#guild(guildId))
  }

  /** All members, the bot first. */
  members(guildId: string): readonly APIGuildMember[] {
    const guild = this.#guild(guildId)
    return listOf(guild.size.members, (member) => makeMember(this.census, guild, member))
  }

  /** The presences of all members, the offline included. */
  presences(guildId: string): readonly GatewayPresenceUpdate[] {
    return makePresences(this.census, this.#guild(guildId))
  }

  soundboardSounds(guildId: string): readonly APISoundboardSound[] {
    const guild = this.#guild(guildId)
    return listOf(guild.soundCount, (index) => makeSound(this.census, guild, index))
  }

  /** The channels as in GUILD_CREATE, without `guild_id`. */
  channels(guildId: string): readonly GuildChannel[] {
    const guild = this.#guild(guildId)
    return listOf(guild.size.channels, (index) => makeChannel(guild, index))
  }

  /** What CHANNEL_INFO tells of the voice channels that the bot can view. */
  channelInfo(guildId: string): readonly ChannelInfo[] {
    return channelInfo(this.#guild(guildId))
  }

  /**
   * The data of a new MESSAGE_CREATE in a guild channel, an active thread or the direct channel; each call gives a
   * later message. @throws RangeError for an unknown channel.
   */
  message(channelId: string, { content, author, nonce }: MessageOptions): GatewayMessageCreateDispatchData {
    const guild = this.census.guildOfChannel(channelId)
    if (guild === undefined && channelId !== this.dmChannelId) {
      throw new RangeError(`no channel ${channelId} in this world`)
    }
    const count = this.#messages++
    const random = new KeyedRandom(this.census.seed, EntityKind.Message, count)
    const timeMs = messagesFromMs + count * 1000
    const base = {
      id: snowflake(timeMs, entityBits(EntityKind.Message, random.bits())),
      channelId,
      timeMs,
      content,
      ...(nonce !== undefined && { nonce }),
    }
    if (guild === undefined) {
      return makeMessage({ ...base, channelType: ChannelKind.Direct, author: author ?? this.census.user(0) })
    }
    const some = guild.size.members > 1 ? random.between(1, guild.size.members - 1) : 0
    const member = author === undefined ? some : this.census.memberOf(guild, author.id)
    return makeMessage({
      ...base,
      channelType: channelType(guild, channelId),
      author: author ?? this.census.memberUser(guild, some),
      guildId: guild.id,
      ...(member !== undefined && { member: makePartialMember(guild, member) }),
    })
  }

  #guild(id: string): Guild {
    const guild = this.census.guild(id)
    if (guild === undefined) throw new RangeError(`no guild ${id} in this world`)
    return guild
  }
}

function channelType(guild: Guild, channelId: string): number {
  const index = guild.indexOf(EntityKind.Channel, channelId, snowflakeLow(channelId))
  return index === undefined ? ChannelKind.PublicThread : channelKind(index)
}
