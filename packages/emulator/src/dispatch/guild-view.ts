import { isObject, stringField } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { Intent } from '../protocol/intent.ts'
import { Limit, obfuscatedChannelFlag } from '../protocol/limit.ts'
import type { SessionView } from './session-view.ts'

const viewChannel = String(1 << 10)

/** The channel as a bot sees it that may not view it. Source: Discord docs PR #8454 (rule E42). */
export function obfuscateChannel(channel: JsonObject, guildId: string): JsonObject {
  const flags = typeof channel['flags'] === 'number' ? channel['flags'] : 0
  return {
    id: channel['id'],
    type: channel['type'],
    position: channel['position'],
    parent_id: channel['parent_id'] ?? null,
    guild_id: guildId,
    name: '___hidden___',
    flags: flags | obfuscatedChannelFlag,
    permission_overwrites: [{ id: guildId, type: 0, allow: '0', deny: viewChannel }],
  }
}

/**
 * A GUILD_CREATE trimmed for one session. Without GUILD_PRESENCES, or above 75,000 members: only the bot and
 * members in voice. Otherwise all members up to `large_threshold`; above it those online, with a role, with a
 * nick or in voice, and presences without the offline. Source: Discord docs, *Gateway Events*, Guild Create.
 */
export function trimGuild(guild: JsonObject, view: SessionView): JsonObject {
  const members = objects(guild['members'])
  const presences = objects(guild['presences'])
  const voiceStates = objects(guild['voice_states'])
  const inVoice = new Set(voiceStates.map((state) => stringField(state, 'user_id')))
  const count = typeof guild['member_count'] === 'number' ? guild['member_count'] : members.length
  const withPresences = (view.intents & Intent.GuildPresences) !== 0 && count <= Limit.fullMemberGuild
  const trimmed = { ...guild, large: count > view.largeThreshold, channels: channels(guild, view) }
  if (!withPresences) {
    const near = members.filter((member) => {
      const id = stringField(member['user'], 'id')
      return id === view.selfId || inVoice.has(id)
    })
    return { ...trimmed, members: near, presences: [] }
  }
  if (count <= view.largeThreshold) return trimmed
  const online = presences.filter((presence) => presence['status'] !== 'offline')
  const onlineIds = new Set(online.map((presence) => stringField(presence['user'], 'id')))
  const notable = members.filter((member) => {
    const id = stringField(member['user'], 'id')
    const roles = member['roles']
    const hasRole = Array.isArray(roles) && roles.length > 0
    return (
      id === view.selfId ||
      onlineIds.has(id) ||
      inVoice.has(id) ||
      hasRole ||
      typeof member['nick'] === 'string'
    )
  })
  return { ...trimmed, members: notable, presences: online }
}

function channels(guild: JsonObject, view: SessionView): readonly JsonObject[] {
  const all = objects(guild['channels'])
  const guildId = stringField(guild, 'id')
  if (guildId === undefined || view.hiddenChannelIds.size === 0) return all
  return all.map((channel) =>
    view.hiddenChannelIds.has(String(channel['id'])) ? obfuscateChannel(channel, guildId) : channel,
  )
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : []
}
