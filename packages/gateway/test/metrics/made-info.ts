import { newStats, type ShardInfo, type ShardStats } from '../../src/shard/shard-info.ts'

/** The snapshot of a shard that lives only in a test. */
export function madeInfo(
  id: number,
  { stats, ...rest }: Partial<Omit<ShardInfo, 'stats'>> & { readonly stats?: Partial<ShardStats> } = {},
): ShardInfo {
  return {
    id,
    shardCount: 4,
    phase: 'live',
    sessionId: 'session',
    sequence: 1,
    gatewayUrl: 'wss://gateway.test',
    latency: { averageMs: 40, recentMs: [30] },
    attempt: 0,
    commands: { available: 100, refillMs: 0, queued: 0 },
    inflater: { inBytes: 10, outBytes: 50, capacityBytes: 1_000 },
    buffer: { events: 1, sizeBytes: 100, isPaused: false, pauses: 0, dropped: 0 },
    listenerErrors: 0,
    ...rest,
    stats: { ...newStats(), connects: 1, ...stats },
  }
}
