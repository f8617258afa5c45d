import type { LifecycleData } from '../session/lifecycle.ts'

/** Whom a message is about. */
export interface TracedShard {
  readonly shardId: number
  readonly shardCount: number
}

/** A union over the kinds of a channel's messages. */
type Steps<Fields> = { [Kind in keyof Fields]: { readonly kind: Kind } & Fields[Kind] }[keyof Fields]

/** What becomes of connections. The fields are those of the life-cycle events of like names. */
export type ConnectionMessage = TracedShard &
  Steps<{
    /** A socket is being opened. */
    connecting: LifecycleData['SHARD_CONNECTING']
    /** TCP, TLS and the websocket upgrade succeeded; HELLO has not come. */
    opened: { readonly url: string }
    /** The connection ended, or was never made. */
    disconnected: LifecycleData['SHARD_DISCONNECTED']
    /** The shard waits `delayMs` and connects again. */
    reconnecting: LifecycleData['SHARD_RECONNECTING']
  }>

/** What becomes of sessions. The fields are those of the life-cycle events of like names. */
export type SessionMessage = TracedShard &
  Steps<{
    /** IDENTIFY was sent. */
    identifying: LifecycleData['SHARD_IDENTIFYING']
    /** RESUME was sent. */
    resuming: LifecycleData['SHARD_RESUMING']
    /** READY or RESUMED came. */
    connected: LifecycleData['SHARD_CONNECTED']
    /** The shard stopped for good. */
    closed: LifecycleData['SHARD_CLOSED']
  }>

/** One payload on its way. */
export type PayloadMessage = TracedShard & {
  readonly op: number
  /** `t`: the name of a dispatch, empty for anything else. */
  readonly type: string
  /** `s`: -1 if the payload has none. */
  readonly sequence: number
  /** Bytes of the payload: inflated, or before the websocket frames it. */
  readonly sizeBytes: number
} & (
    | {
        readonly direction: 'in'
        /** The payload's bytes, inflated. They belong to the event: copy what you change. */
        readonly payload: Buffer
      }
    | {
        readonly direction: 'out'
        /** What was sent, text or bytes, with the token struck out. */
        readonly payload: string | Buffer
      }
  )

/** A step of a shard's way through the identify queue. */
export type QueueStep = Steps<{
  /** The shard asks for a permit. */
  waiting: object
  /** It got one. */
  granted: { readonly waitedMs: number }
  /** IDENTIFY is being sent. */
  spent: object
  /** The permit was given back unused. */
  released: object
  /** The shard no longer waits. */
  cancelled: { readonly waitedMs: number }
  /** The queue failed; the shard asks again after `retryMs`. */
  failed: { readonly waitedMs: number; readonly error: unknown; readonly retryMs: number }
}>

/** A shard's way through the identify queue. */
export type QueueMessage = TracedShard & QueueStep

/** What is published, by the name of the channel. */
export interface ChannelMessages {
  'twilight-gateway:connection': ConnectionMessage
  'twilight-gateway:session': SessionMessage
  'twilight-gateway:payload': PayloadMessage
  'twilight-gateway:queue': QueueMessage
}

/** Names of the channels. */
export type ChannelName = keyof ChannelMessages
