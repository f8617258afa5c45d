/** Gateway intents, bit by bit. Source: Discord docs, *Gateway*, list of intents. */
export const Intent = {
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

/** Every documented intent. */
export const allIntents: number = Object.values(Intent).reduce((sum, bit) => sum | bit, 0)

/** Intents that an application must be granted: members, presences, message content. */
export const privilegedIntents: number = Intent.GuildMembers | Intent.GuildPresences | Intent.MessageContent

/** Bits that exist for user accounts (17–19, 22–23, 26–28). Their fate on a bot token is unknown. */
export const userOnlyIntents: number = (0b111 << 17) | (0b11 << 22) | (0b111 << 26)
