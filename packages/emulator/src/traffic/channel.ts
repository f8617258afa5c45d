import type { APIChannel, APIOverwrite, GuildChannelType, ThreadChannelType } from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import { ChannelKind, categoryOf, channelKind, isHidden } from './channel-layout.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import type { KeyedRandom } from './keyed-random.ts'
import { isoTime, snowflake } from './snowflake.ts'
import { sentence, word } from './text.ts'

/** A channel of a GUILD_CREATE. */
export type GuildChannel = APIChannel & { type: Exclude<GuildChannelType, ThreadChannelType> }

const viewChannel = 1 << 10
/** Undocumented, but on the wire. */
const icon = { theme_color: null, icon_emoji: { name: '💬', id: null } }

/** The guild's channel with this index, with `guild_id` left out as in GUILD_CREATE. */
export function makeChannel(guild: Guild, index: number): GuildChannel {
  const random = guild.random(EntityKind.Channel, index)
  const parent = categoryOf(index)
  const base = {
    version: guild.createdMs + random.below(1e9),
    position: index,
    permission_overwrites: overwrites(guild, index, random),
    parent_id: parent === undefined ? null : guild.channelId(parent),
    name: `${word(random)}-${word(random)}`,
    id: guild.channelId(index),
    flags: noFlags,
  }
  const lastMessage = snowflake(guild.createdMs + 1e10 + random.below(1e9), random.bits())
  const text = { topic: random.chance(0.25) ? sentence(random) : null, rate_limit_per_user: 0, nsfw: false }
  const kind = channelKind(index)
  switch (kind) {
    case ChannelKind.Category:
      return { ...base, type: kind, parent_id: null, name: base.name.toUpperCase() }
    case ChannelKind.Voice:
    case ChannelKind.Stage:
      return {
        ...base,
        ...voice(random),
        type: kind,
        last_message_id: random.chance(0.5) ? lastMessage : null,
        ...(kind === ChannelKind.Stage && { topic: null }),
      }
    case ChannelKind.Forum:
      return {
        ...base,
        ...text,
        type: kind,
        last_message_id: lastMessage,
        default_sort_order: null,
        default_reaction_emoji: { emoji_name: '👍', emoji_id: null },
        default_forum_layout: 0,
        available_tags: [0, 1, 2].map((tag) => ({
          name: word(random),
          moderated: tag === 0,
          id: snowflake(guild.createdMs + 1e6 + tag, random.bits()),
          emoji_name: tag === 1 ? '🐛' : null,
          emoji_id: null,
        })),
      }
    default:
      return {
        ...base,
        ...text,
        type: kind === ChannelKind.Announcement ? kind : ChannelKind.Text,
        ...(random.chance(0.3) && { last_pin_timestamp: isoTime(guild.createdMs + 2e10) }),
        last_message_id: lastMessage,
        ...(random.chance(0.3) && icon),
      }
  }
}

function voice(random: KeyedRandom) {
  return {
    voice_background_display: null,
    user_limit: random.chance(0.3) ? 10 : 0,
    rtc_region: null,
    rate_limit_per_user: 0,
    nsfw: false,
    ...icon,
    bitrate: 64_000,
  }
}

function overwrites(guild: Guild, index: number, random: KeyedRandom): APIOverwrite[] {
  const deny = isHidden(index) ? viewChannel : random.chance(0.2) ? 1 << 11 : 0
  const list: APIOverwrite[] = []
  if (deny > 0) list.push({ type: 0, id: guild.id, deny: String(deny), allow: '0' })
  if (guild.size.roles > 1 && random.chance(0.2)) {
    const role = guild.roleId(random.between(1, guild.size.roles - 1))
    list.push({ type: 0, id: role, deny: '0', allow: String(1 << 11) })
  }
  return list
}
