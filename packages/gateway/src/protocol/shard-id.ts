import { ConfigError } from '../errors.ts'

/**
 * The shard that receives the events of a guild: `(guild_id >> 22) % shard_count` (Discord docs, *Gateway*, Sharding).
 * @throws ConfigError CONFIG_INVALID
 */
export function shardIdOf(guildId: string, shardCount: number): number {
  if (!/^\d{1,20}$/.test(guildId))
    throw ConfigError.option('guildId', guildId, 'a snowflake in decimal digits')
  if (!Number.isSafeInteger(shardCount) || shardCount < 1) {
    throw ConfigError.option('shardCount', shardCount, 'a whole number above 0')
  }
  return Number((BigInt(guildId) >> 22n) % BigInt(shardCount))
}
