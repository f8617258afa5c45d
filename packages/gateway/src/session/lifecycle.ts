import type { ClosedError, GatewayError } from '../errors.ts'

/** Why a connection ended or is replaced; the label of the reconnect counters. */
export type DisconnectCause =
  /** The gateway asked for it (op 7). */
  | 'requested'
  /** The gateway declared the session invalid (op 9). */
  | 'invalid-session'
  /** The gateway sent a close frame. */
  | 'close-code'
  /** The connection broke without a close frame. */
  | 'network'
  /** The connection could not be made. */
  | 'connect-failed'
  /** Heartbeats went unanswered. */
  | 'zombie'
  /** HELLO, READY or the replay did not come in time. */
  | 'timeout'
  /** Something undecodable arrived. */
  | 'decode'
  /** The thread that held the connection crashed. */
  | 'thread'
  /** The owner restarted or stopped the shard. */
  | 'local'

/** What happens to a shard beside Discord's dispatches, by the name under which it is delivered. */
export interface LifecycleData {
  /** A socket is being opened. */
  SHARD_CONNECTING: { readonly url: string; readonly attempt: number; readonly resuming: boolean }
  /** IDENTIFY was sent. */
  SHARD_IDENTIFYING: { readonly presence: boolean }
  /** RESUME was sent; the gateway replays what came after `sequence`. */
  SHARD_RESUMING: { readonly sessionId: string; readonly sequence: number }
  /** READY or RESUMED arrived: the shard is live. `replayed` counts the dispatches of the replay. */
  SHARD_CONNECTED: {
    readonly sessionId: string
    readonly resumed: boolean
    readonly replayed: number
    readonly heartbeatIntervalMs: number
  }
  /** A connection ended. `code` is 1006 if there was no close frame; `willResume` tells the session's fate. */
  SHARD_DISCONNECTED: {
    readonly cause: DisconnectCause
    readonly code: number
    readonly reason: string
    readonly willResume: boolean
    readonly error: GatewayError | undefined
  }
  /** The shard connects again after `delayMs`. */
  SHARD_RECONNECTING: { readonly attempt: number; readonly delayMs: number; readonly resume: boolean }
  /** The shard stopped for good; `reason` is a `FatalCloseError` if Discord forbade going on. */
  SHARD_CLOSED: { readonly reason: ClosedError; readonly unsentCommands: number }
  /** Resharding is done: from here on, events come from the shards of the new count. Its `shardId` is that of the first. */
  SHARDS_REPLACED: { readonly from: number; readonly to: number }
  /** A reshard that the cluster began by itself failed; the shards that run go on. */
  SHARDS_KEPT: { readonly error: unknown }
  /** A listener threw or rejected. The shard is unharmed. */
  SHARD_LISTENER_ERROR: { readonly error: unknown; readonly type: string }
  /** The identify queue failed. The shard keeps its connection and asks again, later after every failure. */
  SHARD_IDENTIFY_QUEUE_ERROR: { readonly error: unknown }
  /**
   * The session store failed. The shard is unharmed, and the store is asked again: to `load` within two seconds, after
   * which the shard begins a new session, and for the rest at the next interval. A failure that concerns several shards
   * at once is told once, under one of them.
   */
  SHARD_SESSION_STORE_ERROR: {
    readonly error: unknown
    readonly operation: 'load' | 'save' | 'delete' | 'flush'
  }
}

/** Names of the life-cycle events. */
export type LifecycleName = keyof LifecycleData
