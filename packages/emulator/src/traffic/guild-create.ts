import type {
  APIGuild,
  GatewayGuildCreateDispatchData,
  GatewayPresenceUpdate,
  GuildFeature,
  Locale,
} from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import type { Census } from './census.ts'
import { makeChannel } from './channel.ts'
import { EntityKind } from './entity-kind.ts'
import { enumValue } from './enum-value.ts'
import { makeEmoji, makeSound, makeSticker } from './expression.ts'
import type { Guild } from './guild.ts'
import { listOf } from './list-of.ts'
import { makeMember } from './member.ts'
import { makeScheduledEvent, makeStageInstance } from './occasion.ts'
import { makePresence } from './presence.ts'
import { makeRole } from './role.ts'
import { isoTime } from './snowflake.ts'
import { sentence, title } from './text.ts'
import { makeThread } from './thread.ts'
import { makeVoiceStates } from './voice-state.ts'

/** Members above which Discord calls a guild large, unless the identify says otherwise. Source: docs, *Identify*. */
const largeThreshold = 50

const locales = ['en-US', 'fr', 'ja', 'pt-BR', 'de', 'ko'] as const
const features = ['COMMUNITY', 'NEWS', 'SOUNDBOARD', 'GUILD_TAGS', 'ROLE_ICONS', 'ANIMATED_ICON'] as const

/** A GUILD_CREATE with the keys that the docs leave out but the wire has. */
export interface WireGuildCreate extends GatewayGuildCreateDispatchData {
  lazy: boolean
  version: number
  guild_hashes: Readonly<Record<string, unknown>>
  application_command_counts: Readonly<Record<string, number>>
  embedded_activities: readonly unknown[]
}

/** The guild as GUILD_UPDATE carries it. */
export function makeGuild(census: Census, guild: Guild): APIGuild {
  const random = guild.random(EntityKind.Guild, -1)
  const [firstText = 0] = guild.layout.text
  const first = guild.channelId(firstText)
  const isCommunity = random.chance(0.3)
  return {
    mfa_level: 0,
    region: 'deprecated',
    premium_tier: 0,
    emojis: listOf(guild.size.emojis, (index) => makeEmoji(guild, index)),
    stickers: listOf(guild.stickerCount, (index) => makeSticker(guild, index)),
    explicit_content_filter: 2,
    max_video_channel_users: 25,
    banner: null,
    splash: null,
    application_id: null,
    nsfw_level: 0,
    incidents_data: null,
    safety_alerts_channel_id: isCommunity ? first : null,
    default_message_notifications: 1,
    afk_timeout: 300,
    premium_progress_bar_enabled: false,
    max_stage_video_channel_users: 50,
    id: guild.id,
    max_members: 25_000_000,
    hub_type: null,
    preferred_locale: enumValue<Locale>(random.pick(locales)),
    icon: random.chance(0.8) ? random.hash() : null,
    premium_subscription_count: random.below(15),
    public_updates_channel_id: isCommunity ? first : null,
    description: isCommunity ? sentence(random) : null,
    owner_id: census.memberId(guild, guild.size.members > 1 ? 1 : 0),
    roles: listOf(guild.size.roles, (index) => makeRole(guild, index)),
    afk_channel_id: null,
    verification_level: 1,
    vanity_url_code: null,
    name: title(random),
    discovery_splash: null,
    system_channel_flags: noFlags,
    system_channel_id: first,
    rules_channel_id: isCommunity ? first : null,
    features: isCommunity
      ? features
          .slice(0, 1 + random.below(features.length))
          .map((feature) => enumValue<GuildFeature>(feature))
      : [],
  }
}

/** The presences of a guild's members, the offline ones included. */
export function makePresences(census: Census, guild: Guild): GatewayPresenceUpdate[] {
  return listOf(guild.size.members, (member) => makePresence(census, guild, member))
}

/** The whole guild, all members and presences included; what a session may see of it is the core's affair. */
export function makeGuildCreate(census: Census, guild: Guild): WireGuildCreate {
  const random = guild.random(EntityKind.Guild, -2)
  const hash = (): { omitted: boolean; hash: string } => ({
    omitted: false,
    hash: random.hash().slice(0, 11),
  })
  return {
    ...makeGuild(census, guild),
    joined_at: isoTime(guild.createdMs + 1e10),
    large: guild.size.members > largeThreshold,
    lazy: true,
    version: guild.createdMs + random.below(1e9),
    member_count: guild.size.members,
    voice_states: makeVoiceStates(census, guild),
    members: listOf(guild.size.members, (member) => makeMember(census, guild, member)),
    channels: listOf(guild.size.channels, (index) => makeChannel(guild, index)),
    threads: listOf(guild.threadCount, (index) => makeThread(census, guild, index)),
    presences: makePresences(census, guild),
    stage_instances: guild.layout.stage.slice(0, 1).map((channel) => makeStageInstance(guild, channel)),
    guild_scheduled_events: listOf(guild.eventCount, (index) => makeScheduledEvent(census, guild, index)),
    soundboard_sounds: listOf(guild.soundCount, (index) => makeSound(census, guild, index)),
    guild_hashes: { version: 1, roles: hash(), metadata: hash(), channels: hash() },
    application_command_counts: { '1': random.below(20), '2': 1, '3': 2 },
    embedded_activities: [],
  }
}
