import type { LifecycleData, LifecycleName } from '../session/lifecycle.ts'
import { withoutToken } from '../token.ts'
import type { Header } from '../wire/header.ts'
import { channels } from './channels.ts'
import type { ConnectionMessage, PayloadMessage, QueueStep, SessionMessage, TracedShard } from './messages.ts'

const connections = channels['twilight-gateway:connection']
const sessions = channels['twilight-gateway:session']
const payloads = channels['twilight-gateway:payload']
const queues = channels['twilight-gateway:queue']

/** Publishes what one shard does, if somebody has subscribed; else each call is one comparison. */
export class ShardTrace {
  readonly #shard: TracedShard
  readonly #token: string

  constructor({ shardId, shardCount, token }: TracedShard & { readonly token: string }) {
    this.#shard = { shardId, shardCount }
    this.#token = token
  }

  /** A payload came and is about to be handled. On the hot path. */
  received(header: Header, payload: Buffer): void {
    if (payloads.hasSubscribers) this.#received(header, payload)
  }

  /** A payload was written to the socket. */
  sent(op: number, payload: string | Buffer): void {
    if (!payloads.hasSubscribers) return
    const message: PayloadMessage = {
      ...this.#shard,
      direction: 'out',
      op,
      type: '',
      sequence: -1,
      sizeBytes: Buffer.byteLength(payload),
      // Whatever the payload is: a user might have put the token into a presence.
      payload: typeof payload === 'string' ? withoutToken(payload, this.#token) : this.#redacted(payload),
    }
    payloads.publish(message)
  }

  /** The socket is open. */
  opened(url: string): void {
    if (connections.hasSubscribers) publishConnection({ ...this.#shard, kind: 'opened', url })
  }

  /** Something happened to the shard. */
  lifecycle<Name extends LifecycleName>(name: Name, data: LifecycleData[Name]): void {
    if (connections.hasSubscribers || sessions.hasSubscribers) publishers[name]?.(this.#shard, data)
  }

  /** The shard is one step further in the identify queue. */
  queue(step: QueueStep): void {
    if (queues.hasSubscribers) queues.publish({ ...this.#shard, ...step })
  }

  #received({ op, type, sequence }: Header, payload: Buffer): void {
    const sizeBytes = payload.byteLength
    const message: PayloadMessage = {
      ...this.#shard,
      direction: 'in',
      op,
      type,
      sequence,
      sizeBytes,
      payload,
    }
    payloads.publish(message)
  }

  /** A binary encoding states the length of its texts, so that of the token is kept. */
  #redacted(payload: Buffer): Buffer {
    const copy = Buffer.from(payload)
    const { length } = this.#token
    for (let at = copy.indexOf(this.#token); at !== -1; at = copy.indexOf(this.#token, at + length)) {
      copy.fill('*', at, at + length)
    }
    return copy
  }
}

/** Whatever else happens to a shard concerns neither its connection nor its session. */
const publishers: {
  readonly [Name in LifecycleName]?: (shard: TracedShard, data: LifecycleData[Name]) => void
} = {
  SHARD_CONNECTING: (shard, data) => publishConnection({ ...shard, kind: 'connecting', ...data }),
  SHARD_DISCONNECTED: (shard, data) => publishConnection({ ...shard, kind: 'disconnected', ...data }),
  SHARD_RECONNECTING: (shard, data) => publishConnection({ ...shard, kind: 'reconnecting', ...data }),
  SHARD_IDENTIFYING: (shard, data) => publishSession({ ...shard, kind: 'identifying', ...data }),
  SHARD_RESUMING: (shard, data) => publishSession({ ...shard, kind: 'resuming', ...data }),
  SHARD_CONNECTED: (shard, data) => publishSession({ ...shard, kind: 'connected', ...data }),
  SHARD_CLOSED: (shard, data) => publishSession({ ...shard, kind: 'closed', ...data }),
}

function publishConnection(message: ConnectionMessage): void {
  connections.publish(message)
}

function publishSession(message: SessionMessage): void {
  sessions.publish(message)
}
