import { ConfigError } from '../errors.ts'
import type { DispatchName } from './event-names.ts'

/** Gateway intents as bits (Discord docs, *Gateway*, List of Intents). Combine them with `|`. */
export const Intents = {
  Guilds: 1 << 0,
  GuildMembers: 1 << 1,
  GuildModeration: 1 << 2,
  GuildExpressions: 1 << 3,
  GuildIntegrations: 1 << 4,
  GuildWebhooks: 1 << 5,
  GuildInvites: 1 << 6,
  GuildVoiceStates: 1 << 7,
  GuildPresences: 1 << 8,
  GuildMessages: 1 << 9,
  GuildMessageReactions: 1 << 10,
  GuildMessageTyping: 1 << 11,
  DirectMessages: 1 << 12,
  DirectMessageReactions: 1 << 13,
  DirectMessageTyping: 1 << 14,
  MessageContent: 1 << 15,
  GuildScheduledEvents: 1 << 16,
  AutoModerationConfiguration: 1 << 20,
  AutoModerationExecution: 1 << 21,
  GuildMessagePolls: 1 << 24,
  DirectMessagePolls: 1 << 25,
} as const

/** The name of an intent. */
export type IntentName = keyof typeof Intents

export interface IntentEntry {
  readonly name: IntentName
  readonly bit: number
  /** Must be enabled in the developer portal, else the gateway closes with 4014. */
  readonly isPrivileged: boolean
  /** Dispatches that this intent lets through. */
  readonly events: readonly DispatchName[]
}

/** What each intent needs and brings. MESSAGE_CONTENT brings no event but fills fields of others. */
export const intentTable: readonly IntentEntry[] = [
  {
    name: 'Guilds',
    bit: Intents.Guilds,
    isPrivileged: false,
    events: [
      'GUILD_CREATE',
      'GUILD_UPDATE',
      'GUILD_DELETE',
      'GUILD_ROLE_CREATE',
      'GUILD_ROLE_UPDATE',
      'GUILD_ROLE_DELETE',
      'CHANNEL_CREATE',
      'CHANNEL_UPDATE',
      'CHANNEL_DELETE',
      'CHANNEL_PINS_UPDATE',
      'THREAD_CREATE',
      'THREAD_UPDATE',
      'THREAD_DELETE',
      'THREAD_LIST_SYNC',
      'THREAD_MEMBER_UPDATE',
      'THREAD_MEMBERS_UPDATE',
      'STAGE_INSTANCE_CREATE',
      'STAGE_INSTANCE_UPDATE',
      'STAGE_INSTANCE_DELETE',
      'VOICE_CHANNEL_STATUS_UPDATE',
      'VOICE_CHANNEL_START_TIME_UPDATE',
    ],
  },
  {
    name: 'GuildMembers',
    bit: Intents.GuildMembers,
    isPrivileged: true,
    events: ['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE', 'THREAD_MEMBERS_UPDATE'],
  },
  {
    name: 'GuildModeration',
    bit: Intents.GuildModeration,
    isPrivileged: false,
    events: ['GUILD_AUDIT_LOG_ENTRY_CREATE', 'GUILD_BAN_ADD', 'GUILD_BAN_REMOVE'],
  },
  {
    name: 'GuildExpressions',
    bit: Intents.GuildExpressions,
    isPrivileged: false,
    events: [
      'GUILD_EMOJIS_UPDATE',
      'GUILD_STICKERS_UPDATE',
      'GUILD_SOUNDBOARD_SOUND_CREATE',
      'GUILD_SOUNDBOARD_SOUND_UPDATE',
      'GUILD_SOUNDBOARD_SOUND_DELETE',
      'GUILD_SOUNDBOARD_SOUNDS_UPDATE',
    ],
  },
  {
    name: 'GuildIntegrations',
    bit: Intents.GuildIntegrations,
    isPrivileged: false,
    events: ['GUILD_INTEGRATIONS_UPDATE', 'INTEGRATION_CREATE', 'INTEGRATION_UPDATE', 'INTEGRATION_DELETE'],
  },
  { name: 'GuildWebhooks', bit: Intents.GuildWebhooks, isPrivileged: false, events: ['WEBHOOKS_UPDATE'] },
  {
    name: 'GuildInvites',
    bit: Intents.GuildInvites,
    isPrivileged: false,
    events: ['INVITE_CREATE', 'INVITE_DELETE'],
  },
  {
    name: 'GuildVoiceStates',
    bit: Intents.GuildVoiceStates,
    isPrivileged: false,
    events: ['VOICE_STATE_UPDATE', 'VOICE_CHANNEL_EFFECT_SEND'],
  },
  { name: 'GuildPresences', bit: Intents.GuildPresences, isPrivileged: true, events: ['PRESENCE_UPDATE'] },
  {
    name: 'GuildMessages',
    bit: Intents.GuildMessages,
    isPrivileged: false,
    events: ['MESSAGE_CREATE', 'MESSAGE_UPDATE', 'MESSAGE_DELETE', 'MESSAGE_DELETE_BULK'],
  },
  {
    name: 'GuildMessageReactions',
    bit: Intents.GuildMessageReactions,
    isPrivileged: false,
    events: [
      'MESSAGE_REACTION_ADD',
      'MESSAGE_REACTION_REMOVE',
      'MESSAGE_REACTION_REMOVE_ALL',
      'MESSAGE_REACTION_REMOVE_EMOJI',
    ],
  },
  {
    name: 'GuildMessageTyping',
    bit: Intents.GuildMessageTyping,
    isPrivileged: false,
    events: ['TYPING_START'],
  },
  {
    name: 'DirectMessages',
    bit: Intents.DirectMessages,
    isPrivileged: false,
    events: ['MESSAGE_CREATE', 'MESSAGE_UPDATE', 'MESSAGE_DELETE', 'CHANNEL_PINS_UPDATE'],
  },
  {
    name: 'DirectMessageReactions',
    bit: Intents.DirectMessageReactions,
    isPrivileged: false,
    events: [
      'MESSAGE_REACTION_ADD',
      'MESSAGE_REACTION_REMOVE',
      'MESSAGE_REACTION_REMOVE_ALL',
      'MESSAGE_REACTION_REMOVE_EMOJI',
    ],
  },
  {
    name: 'DirectMessageTyping',
    bit: Intents.DirectMessageTyping,
    isPrivileged: false,
    events: ['TYPING_START'],
  },
  { name: 'MessageContent', bit: Intents.MessageContent, isPrivileged: true, events: [] },
  {
    name: 'GuildScheduledEvents',
    bit: Intents.GuildScheduledEvents,
    isPrivileged: false,
    events: [
      'GUILD_SCHEDULED_EVENT_CREATE',
      'GUILD_SCHEDULED_EVENT_UPDATE',
      'GUILD_SCHEDULED_EVENT_DELETE',
      'GUILD_SCHEDULED_EVENT_USER_ADD',
      'GUILD_SCHEDULED_EVENT_USER_REMOVE',
    ],
  },
  {
    name: 'AutoModerationConfiguration',
    bit: Intents.AutoModerationConfiguration,
    isPrivileged: false,
    events: ['AUTO_MODERATION_RULE_CREATE', 'AUTO_MODERATION_RULE_UPDATE', 'AUTO_MODERATION_RULE_DELETE'],
  },
  {
    name: 'AutoModerationExecution',
    bit: Intents.AutoModerationExecution,
    isPrivileged: false,
    events: ['AUTO_MODERATION_ACTION_EXECUTION'],
  },
  {
    name: 'GuildMessagePolls',
    bit: Intents.GuildMessagePolls,
    isPrivileged: false,
    events: ['MESSAGE_POLL_VOTE_ADD', 'MESSAGE_POLL_VOTE_REMOVE'],
  },
  {
    name: 'DirectMessagePolls',
    bit: Intents.DirectMessagePolls,
    isPrivileged: false,
    events: ['MESSAGE_POLL_VOTE_ADD', 'MESSAGE_POLL_VOTE_REMOVE'],
  },
]

const sum = (entries: readonly IntentEntry[]): number => entries.reduce((bits, entry) => bits | entry.bit, 0)

/** All documented intents: 53608447. */
export const allIntents = sum(intentTable)
/** The intents that need no enabling: 53575421. */
export const unprivilegedIntents = sum(intentTable.filter((entry) => !entry.isPrivileged))
/** The intents that must be enabled in the developer portal: 33026. */
export const privilegedIntents = sum(intentTable.filter((entry) => entry.isPrivileged))

/** The bits of intents by name. @throws ConfigError CONFIG_INVALID for a name that there is none of */
export function intentsOf(names: Iterable<IntentName>): number {
  let bits = 0
  for (const name of names) {
    if (!Object.hasOwn(Intents, name)) {
      throw ConfigError.option('intents', name, `names of ${Object.keys(Intents).join(', ')}`)
    }
    bits |= Intents[name]
  }
  return bits
}

/** The names of the intents in a sum of bits; bits without a name are left out. */
export function intentNames(bits: number): IntentName[] {
  return intentTable.filter((entry) => (bits & entry.bit) !== 0).map((entry) => entry.name)
}
