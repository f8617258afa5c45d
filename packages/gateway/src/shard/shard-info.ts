import type { DisconnectCause } from '../session/lifecycle.ts'
import type { SessionPhase } from '../session/session-phase.ts'

/** Why a session was resumed: what ended the connection before, or `start` if it was given to a new shard. */
export type ResumeCause = DisconnectCause | 'start'

/** Counts of a shard since it was made, over all its connections: plain data, made when somebody asks. */
export interface ShardStats {
  /** Dispatches received, wanted or not, repeats included. */
  readonly dispatches: number
  /**
   * The same by name; names that never came are left out. Of names that Discord does not document, the first 64 of at
   * most 64 characters are counted apart, further ones together under `_OTHER`.
   */
  readonly dispatchesByType: Readonly<Record<string, number>>
  /** Dispatches that reached the stream or a listener. */
  readonly delivered: number
  /** Bytes of websocket messages received, as they came. */
  readonly receivedBytes: number
  /** Bytes of payloads received, inflated. */
  readonly payloadBytes: number
  /** Connections ended because a message or a payload was larger than the limit. */
  readonly oversize: number
  /** Connections begun. */
  readonly connects: number
  /** Connections that ended, for whatever reason. */
  readonly disconnects: number
  /** Reconnects by why the connection before ended; causes that never came are left out. */
  readonly reconnectsByCause: Readonly<Partial<Record<DisconnectCause, number>>>
  /** IDENTIFYs sent. */
  readonly identifies: number
  /** Times the shard began to wait for an identify permit. */
  readonly identifyWaits: number
  /** Milliseconds that all those waits took, the present one included. */
  readonly identifyWaitMs: number
  /** Identify queue failures, each followed by a new wait. */
  readonly queueFailures: number
  /** Session store failures that were told, each followed by another try. */
  readonly storeFailures: number
  /** RESUMEs sent. */
  readonly resumes: number
  /** The same by cause; causes that never came are left out. */
  readonly resumesByCause: Readonly<Partial<Record<ResumeCause, number>>>
  /** RESUMEs that Discord answered with RESUMED. */
  readonly resumed: number
  /** Dispatches of all completed replays. */
  readonly replayed: number
}

/** Counts at zero. */
export function newStats(): ShardStats {
  return {
    dispatches: 0,
    dispatchesByType: {},
    delivered: 0,
    receivedBytes: 0,
    payloadBytes: 0,
    oversize: 0,
    connects: 0,
    disconnects: 0,
    reconnectsByCause: {},
    identifies: 0,
    identifyWaits: 0,
    identifyWaitMs: 0,
    queueFailures: 0,
    storeFailures: 0,
    resumes: 0,
    resumesByCause: {},
    resumed: 0,
    replayed: 0,
  }
}

/** The counts of two spans of a shard's life. */
export function sumOf(a: ShardStats, b: ShardStats): ShardStats {
  const addend = new Map<string, Count>(Object.entries(b))
  const sums = Object.entries<Count>({ ...a }).map(([key, count]) => [
    key,
    sumOfCounts(count, addend.get(key)),
  ])
  // Every member is a number or a record of numbers, and so is the sum of two of them.
  return Object.fromEntries(sums) as ShardStats
}

type Count = number | Readonly<Record<string, number>>

function sumOfCounts(a: Count, b: Count | undefined): Count {
  if (typeof a === 'number') return typeof b === 'number' ? a + b : a
  const sums = new Map(Object.entries(a))
  for (const [key, count] of Object.entries(b ?? {})) sums.set(key, (sums.get(key) ?? 0) + count)
  return Object.fromEntries(sums)
}

/** What runs a shard knows about it: everything but its listeners. Plain data that can be cloned. */
export interface RunnerInfo {
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
  /** What the inflater of this connection was given, gave and holds; zeros without a connection. */
  readonly inflater: { readonly inBytes: number; readonly outBytes: number; readonly capacityBytes: number }
  /**
   * The buffer between socket and consumer: what waits in it, whether reading is paused, how often it was, and how many
   * life-cycle events were dropped because nobody took them.
   */
  readonly buffer: {
    readonly events: number
    readonly sizeBytes: number
    readonly isPaused: boolean
    readonly pauses: number
    readonly dropped: number
  }
  readonly stats: ShardStats
}

/** A snapshot of a shard. Plain data that can be cloned. */
export interface ShardInfo extends RunnerInfo {
  /** How often a listener threw or rejected over an event of this shard. */
  readonly listenerErrors: number
}
