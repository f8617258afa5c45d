import type { SessionPhase } from '../session/session-phase.ts'

/** Counters of a shard since it was made: plain numbers, read when somebody asks. */
export interface ShardStats {
  /** Dispatches received, wanted or not. */
  dispatches: number
  /** Dispatches that reached the stream or a listener. */
  delivered: number
  /** Bytes of payloads received, inflated. */
  payloadBytes: number
  connects: number
  identifies: number
  resumes: number
  /** Connections that failed, were lost or replaced; our own stops left out. */
  disconnects: number
  /** Identify queue failures, each followed by a new wait. */
  queueFailures: number
  /** Session store failures that were told, each followed by another try. */
  storeFailures: number
}

/** Counters at zero. */
export function newStats(): ShardStats {
  return {
    dispatches: 0,
    delivered: 0,
    payloadBytes: 0,
    connects: 0,
    identifies: 0,
    resumes: 0,
    disconnects: 0,
    queueFailures: 0,
    storeFailures: 0,
  }
}

/** The counters of two spans of a shard's life. */
export function sumOf(a: Readonly<ShardStats>, b: Readonly<ShardStats>): ShardStats {
  const sum = newStats()
  for (const key of Object.keys(sum) as (keyof ShardStats)[]) sum[key] = a[key] + b[key]
  return sum
}

/** A snapshot of a shard. */
export interface ShardInfo {
  readonly id: number
  readonly shardCount: number
  readonly phase: SessionPhase
  /** The session, or `undefined` before the first READY. */
  readonly sessionId: string | undefined
  /** Sequence of the newest dispatch; 0 before the first. */
  readonly sequence: number
  /** Where the present or last connection goes; `undefined` before the first. */
  readonly gatewayUrl: string | undefined
  /** Heartbeat round trips of this connection, in milliseconds; `recentMs` holds up to five, newest first. */
  readonly latency: { readonly averageMs: number | undefined; readonly recentMs: readonly number[] }
  /** Reconnects since the last stable period. */
  readonly attempt: number
  /** Commands that may leave at once, and how many milliseconds until one may if none can. */
  readonly commands: { readonly available: number; readonly refillMs: number; readonly queued: number }
  /** The buffer between socket and consumer. */
  readonly buffer: { readonly events: number; readonly isPaused: boolean; readonly pauses: number }
  readonly stats: Readonly<ShardStats>
}
