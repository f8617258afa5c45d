import { Intent } from './intent.ts'

/** Which intents let an event through, inside a guild and outside; 0 outside means "same as inside". */
export interface EventGate {
  readonly guild: number
  readonly direct: number
}

const gatedEvents: readonly (readonly [guild: number, direct: number, names: string])[] = [
  [
    Intent.Guilds,
    0,
    `GUILD_CREATE GUILD_UPDATE GUILD_DELETE GUILD_ROLE_CREATE GUILD_ROLE_UPDATE GUILD_ROLE_DELETE
     CHANNEL_CREATE CHANNEL_UPDATE CHANNEL_DELETE THREAD_CREATE THREAD_UPDATE THREAD_DELETE THREAD_LIST_SYNC
     THREAD_MEMBER_UPDATE STAGE_INSTANCE_CREATE STAGE_INSTANCE_UPDATE STAGE_INSTANCE_DELETE
     VOICE_CHANNEL_STATUS_UPDATE VOICE_CHANNEL_START_TIME_UPDATE`,
  ],
  [Intent.Guilds, Intent.DirectMessages, 'CHANNEL_PINS_UPDATE'],
  [Intent.Guilds | Intent.GuildMembers, 0, 'THREAD_MEMBERS_UPDATE'],
  [Intent.GuildMembers, 0, 'GUILD_MEMBER_ADD GUILD_MEMBER_UPDATE GUILD_MEMBER_REMOVE'],
  [Intent.GuildModeration, 0, 'GUILD_AUDIT_LOG_ENTRY_CREATE GUILD_BAN_ADD GUILD_BAN_REMOVE'],
  [
    Intent.GuildExpressions,
    0,
    `GUILD_EMOJIS_UPDATE GUILD_STICKERS_UPDATE GUILD_SOUNDBOARD_SOUND_CREATE GUILD_SOUNDBOARD_SOUND_UPDATE
     GUILD_SOUNDBOARD_SOUND_DELETE GUILD_SOUNDBOARD_SOUNDS_UPDATE`,
  ],
  [
    Intent.GuildIntegrations,
    0,
    'GUILD_INTEGRATIONS_UPDATE INTEGRATION_CREATE INTEGRATION_UPDATE INTEGRATION_DELETE',
  ],
  [Intent.GuildWebhooks, 0, 'WEBHOOKS_UPDATE'],
  [Intent.GuildInvites, 0, 'INVITE_CREATE INVITE_DELETE'],
  [Intent.GuildVoiceStates, 0, 'VOICE_STATE_UPDATE VOICE_CHANNEL_EFFECT_SEND'],
  [Intent.GuildPresences, 0, 'PRESENCE_UPDATE'],
  [
    Intent.GuildMessages,
    Intent.DirectMessages,
    'MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE MESSAGE_DELETE_BULK',
  ],
  [
    Intent.GuildMessageReactions,
    Intent.DirectMessageReactions,
    `MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL MESSAGE_REACTION_REMOVE_EMOJI`,
  ],
  [Intent.GuildMessageTyping, Intent.DirectMessageTyping, 'TYPING_START'],
  [Intent.GuildMessagePolls, Intent.DirectMessagePolls, 'MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE'],
  [
    Intent.GuildScheduledEvents,
    0,
    `GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_DELETE
     GUILD_SCHEDULED_EVENT_USER_ADD GUILD_SCHEDULED_EVENT_USER_REMOVE`,
  ],
  [
    Intent.AutoModerationConfiguration,
    0,
    'AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_UPDATE AUTO_MODERATION_RULE_DELETE',
  ],
  [Intent.AutoModerationExecution, 0, 'AUTO_MODERATION_ACTION_EXECUTION'],
]

/** Event name → gate. Names that are absent need no intent. Source: Discord docs, *Gateway*, list of intents. */
export const eventGates: ReadonlyMap<string, EventGate> = new Map(
  gatedEvents.flatMap(([guild, direct, names]) =>
    names.split(/\s+/).map((name) => [name, { guild, direct: direct === 0 ? guild : direct }] as const),
  ),
)

/** Events whose `d.id` is the guild itself; all others name their guild in `d.guild_id`. */
export const guildEvents: ReadonlySet<string> = new Set(['GUILD_CREATE', 'GUILD_UPDATE', 'GUILD_DELETE'])
