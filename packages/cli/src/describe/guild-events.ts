import type { EventMap } from 'twilight-gateway'

import { countOf } from '../terminal/quantity.ts'
import type { Descriptions } from './description.ts'
import type { Names } from './names.ts'

interface RoleEvent {
  readonly role: { readonly name: string }
  readonly guild_id: string
}
interface Scheduled {
  readonly name: string
  readonly guild_id: string
}
interface Stage {
  readonly topic: string
  readonly channel_id: string
  readonly guild_id: string
}

/** Guilds and what they are made of: channels, threads, roles, emoji, schedules. */
export const guildEvents = {
  READY: ({ user, guilds }) => `logged in as ${user.username}, ${countOf(guilds.length, 'guild')} to come`,
  RESUMED: () => 'the replay is over',
  GUILD_CREATE: (data) => newGuild(data),
  GUILD_UPDATE: ({ name }) => `${name} changed`,
  GUILD_DELETE: ({ id, unavailable }, names) =>
    unavailable === true ? `${names.guild(id)} is in an outage` : `the bot left ${names.guild(id)}`,
  GUILD_ROLE_CREATE: (data, names) => role(data, names, 'was made'),
  GUILD_ROLE_UPDATE: (data, names) => role(data, names, 'changed'),
  GUILD_ROLE_DELETE: (data, names) => `a role of ${names.guild(data.guild_id)} was deleted`,
  GUILD_EMOJIS_UPDATE: (data, names) =>
    `${names.guild(data.guild_id)} has ${countOf(data.emojis.length, 'emoji')}`,
  GUILD_STICKERS_UPDATE: (data, names) =>
    `${names.guild(data.guild_id)} has ${countOf(data.stickers.length, 'sticker')}`,
  CHANNEL_CREATE: (data, names) => `${names.place(data.id, data.guild_id)} was made`,
  CHANNEL_UPDATE: (data, names) => `${names.place(data.id, data.guild_id)} changed`,
  CHANNEL_DELETE: (data, names) => `${names.place(data.id, data.guild_id)} was deleted`,
  THREAD_CREATE: (data, names) => `${names.place(data.id, data.guild_id)} was opened`,
  THREAD_UPDATE: (data, names) => `${names.place(data.id, data.guild_id)} changed`,
  THREAD_DELETE: (data, names) => `${names.place(data.id, data.guild_id)} was deleted`,
  THREAD_LIST_SYNC: (data, names) =>
    `${countOf(data.threads.length, 'active thread')} in ${names.guild(data.guild_id)}`,
  INVITE_CREATE: (data, names) => `${data.code} invites to ${names.place(data.channel_id, data.guild_id)}`,
  INVITE_DELETE: (data, names) =>
    `${data.code} no longer invites to ${names.place(undefined, data.guild_id)}`,
  GUILD_SCHEDULED_EVENT_CREATE: (data, names) => scheduled(data, names, 'was planned'),
  GUILD_SCHEDULED_EVENT_UPDATE: (data, names) => scheduled(data, names, 'changed'),
  GUILD_SCHEDULED_EVENT_DELETE: (data, names) => scheduled(data, names, 'was called off'),
  STAGE_INSTANCE_CREATE: (data, names) => stage(data, names, 'began'),
  STAGE_INSTANCE_UPDATE: (data, names) => stage(data, names, 'changed'),
  STAGE_INSTANCE_DELETE: (data, names) => stage(data, names, 'ended'),
} as const satisfies Descriptions

function newGuild(data: EventMap['GUILD_CREATE']['data']): string {
  // What an outage leaves of a guild is its id.
  if (data.unavailable === true) return `guild ${data.id} is in an outage`
  const { name, member_count: members, channels, threads } = data
  const counts = [countOf(members, 'member'), countOf(channels.length, 'channel')]
  if (threads.length > 0) counts.push(countOf(threads.length, 'thread'))
  return `${name}: ${counts.join(', ')}`
}

function role(data: RoleEvent, names: Names, what: string): string {
  return `role ${data.role.name} of ${names.guild(data.guild_id)} ${what}`
}

function scheduled(data: Scheduled, names: Names, what: string): string {
  return `“${data.name}” of ${names.guild(data.guild_id)} ${what}`
}

function stage(data: Stage, names: Names, what: string): string {
  return `the stage in ${names.place(data.channel_id, data.guild_id)} ${what}: ${data.topic}`
}
