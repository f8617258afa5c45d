import { CommandLimiter } from '../../session/command-limiter.ts'
import { newStats, type RunnerInfo } from '../shard-info.ts'
import type { ShardRunnerOptions } from '../shard-runner.ts'

/** The state of a shard of which its thread has not told anything yet. */
export function unknownInfo({ id, shardCount, common }: ShardRunnerOptions): RunnerInfo {
  return {
    id,
    shardCount,
    phase: 'idle',
    sessionId: undefined,
    sequence: 0,
    gatewayUrl: undefined,
    latency: { averageMs: undefined, recentMs: [] },
    attempt: 0,
    commands: {
      available: new CommandLimiter(common.rateLimit).available(common.clock.now()),
      refillMs: 0,
      queued: 0,
    },
    inflater: { inBytes: 0, outBytes: 0, capacityBytes: 0 },
    buffer: { events: 0, sizeBytes: 0, isPaused: false, pauses: 0, dropped: 0 },
    stats: newStats(),
  }
}
