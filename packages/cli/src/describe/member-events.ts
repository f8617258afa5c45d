import type { EventMap } from 'twilight-gateway'

import { countOf } from '../terminal/quantity.ts'
import type { Descriptions } from './description.ts'
import { emoji } from './message-events.ts'
import type { Names } from './names.ts'

/** What members do: come, go, speak, play, use a command. */
export const memberEvents = {
  GUILD_MEMBER_ADD: ({ user, guild_id: id }, names) => `${names.user(user.id)} joined ${names.guild(id)}`,
  GUILD_MEMBER_UPDATE: ({ user, guild_id: id, roles }, names) =>
    `${names.user(user.id)} of ${names.guild(id)} changed: ${countOf(roles.length, 'role')}`,
  GUILD_MEMBER_REMOVE: ({ user, guild_id: id }, names) => `${names.user(user.id)} left ${names.guild(id)}`,
  GUILD_MEMBERS_CHUNK: (data, names) =>
    `${countOf(data.members.length, 'member')} of ${names.guild(data.guild_id)}, part ${data.chunk_index + 1} of ${data.chunk_count}`,
  GUILD_BAN_ADD: ({ user, guild_id: id }, names) =>
    `${names.user(user.id)} was banned from ${names.guild(id)}`,
  GUILD_BAN_REMOVE: ({ user, guild_id: id }, names) =>
    `${names.user(user.id)} is no longer banned from ${names.guild(id)}`,
  PRESENCE_UPDATE: (data, names) => presence(data, names),
  VOICE_STATE_UPDATE: (data, names) => voiceState(data, names),
  VOICE_CHANNEL_EFFECT_SEND: (data, names) =>
    `${names.user(data.user_id)} sent ${data.emoji ? emoji(data.emoji) : 'an effect'} in ${names.place(data.channel_id, data.guild_id)}`,
  VOICE_SERVER_UPDATE: ({ guild_id: id, endpoint }, names) =>
    `the voice server of ${names.guild(id)} is ${endpoint ?? 'gone for now'}`,
  GUILD_SCHEDULED_EVENT_USER_ADD: (data, names) =>
    `${names.user(data.user_id)} will come to an event of ${names.guild(data.guild_id)}`,
  GUILD_SCHEDULED_EVENT_USER_REMOVE: (data, names) =>
    `${names.user(data.user_id)} will not come to an event of ${names.guild(data.guild_id)}`,
  INTERACTION_CREATE: (data, names) => interaction(data, names),
  USER_UPDATE: ({ username }) => `the bot is ${username}`,
} as const satisfies Descriptions

function presence(data: EventMap['PRESENCE_UPDATE']['data'], names: Names): string {
  const [activity] = data.activities ?? []
  const doing = activity === undefined ? '' : `, ${activity.name}`
  return `${names.user(data.user.id)} is ${data.status ?? 'somewhere'}${doing}`
}

function voiceState(data: EventMap['VOICE_STATE_UPDATE']['data'], names: Names): string {
  const who = names.user(data.user_id)
  const { channel_id: channelId, guild_id: guildId } = data
  if (channelId === null) return `${who} left the voice channels of ${names.place(undefined, guildId)}`
  const states = [
    data.mute || data.self_mute ? 'muted' : '',
    data.deaf || data.self_deaf ? 'deafened' : '',
    data.self_video ? 'on camera' : '',
    data.self_stream === true ? 'streaming' : '',
  ].filter((state) => state !== '')
  return [`${who} is in voice in ${names.place(channelId, guildId)}`, ...states].join(', ')
}

function interaction(data: EventMap['INTERACTION_CREATE']['data'], names: Names): string {
  const user = data.member?.user ?? data.user
  const who = user === undefined ? 'somebody' : names.user(user.id)
  const name: unknown = data.data === undefined ? undefined : Reflect.get(data.data, 'name')
  const what = typeof name === 'string' ? `used /${name}` : 'used a component'
  return `${who} ${what} in ${names.place(data.channel?.id, data.guild_id)}`
}
