/** Numbers of the protocol that no option changes. Sources beside each. */
export const Limit = {
  /** Largest client payload. Docs, *Gateway*. */
  clientPayloadBytes: 4096,
  /** Client payloads in a sliding {@link Limit.sendWindowMs}. Docs, *Gateway*. */
  sends: 120,
  sendWindowMs: 60_000,
  /** Presence updates in {@link Limit.presenceWindowMs}. Docs, *Gateway Events*. */
  presences: 5,
  presenceWindowMs: 20_000,
  /** One full member list a guild in this time. Docs, *Gateway Events*, since 2025-10-01. */
  memberListWindowMs: 30_000,
  /** Members in one GUILD_MEMBERS_CHUNK. Docs. */
  chunkMembers: 1000,
  /** Largest `limit` of a prefix query and largest count of `user_ids`. Docs. */
  requestedMembers: 100,
  /** Longest member request nonce. Docs: 32 bytes; longer ones are ignored. */
  nonceBytes: 32,
  /** Guilds that one shard may hold. Docs, *Gateway*, close code 4011. */
  guildsPerShard: 2500,
  /** `large_threshold` bounds and default. Docs; staff: below 50 is clamped up. */
  largeThresholdMin: 50,
  largeThresholdMax: 250,
  /** Above this many members a GUILD_CREATE carries only the bot and members in voice. Docs. */
  fullMemberGuild: 75_000,
} as const

/** Gateway versions that can be connected to: 10 and 9 are current, 6 to 8 deprecated. Docs, *API Reference*. */
export const gatewayVersions: ReadonlySet<string> = new Set(['6', '7', '8', '9', '10'])

/** The testing opt-in of channel obfuscation in identify's `capabilities`. Docs PR #8454. */
export const channelObfuscationCapability: number = 1 << 15

/** The channel flag that marks an obfuscated channel. Docs PR #8454. */
export const obfuscatedChannelFlag: number = 1 << 17

/** The shard that a guild's events go to. Docs, *Gateway*, sharding formula. */
export function shardOfGuild(guildId: string, shardCount: number): number {
  return Number((BigInt(guildId) >> 22n) % BigInt(shardCount))
}
