import type { GatewayError } from '../errors.ts'
import { Opcode } from '../protocol/opcodes.ts'
import type { DisconnectCause } from '../session/lifecycle.ts'
import type { Header } from '../wire/header.ts'
import { EventCounts } from './event-counts.ts'
import type { GatewayEvent } from './event.ts'
import type { ResumeCause, ShardStats } from './shard-info.ts'

/** What a connection has counted by itself. */
export interface ConnectionCounts {
  /** Bytes of all messages received, as they came. */
  readonly bytesReceived: number
}

/** What a shard counts, over all its connections. */
export class ShardCounters {
  readonly #events = new EventCounts()
  readonly #reconnects: Partial<Record<DisconnectCause, number>> = {}
  readonly #resumes: Partial<Record<ResumeCause, number>> = {}
  /** Why the last connection ended. */
  #lastCause: DisconnectCause | undefined
  /** Bytes of the connections that have ended. */
  #receivedBytes = 0
  #payloadBytes = 0
  #connects = 0
  #disconnects = 0
  #identifies = 0
  #resumed = 0
  #replayed = 0
  #oversize = 0
  #queueFailures = 0
  #storeFailures = 0
  /** Dispatches that reached the stream or a listener. */
  delivered = 0

  /** A payload arrived. On the hot path: two additions. */
  payload(header: Header, bytes: Buffer): void {
    this.#payloadBytes += bytes.byteLength
    if (header.op === Opcode.Dispatch) this.#events.count(header.type, header.typeIndex)
  }

  /** A connection is being made. */
  connecting(): void {
    this.#connects += 1
  }

  /** A connection has ended. */
  connectionEnded(connection: ConnectionCounts | undefined, error: GatewayError | undefined): void {
    this.#receivedBytes += connection?.bytesReceived ?? 0
    if (error?.code === 'DECODE_OVERSIZE') this.#oversize += 1
  }

  /** Something happened to the shard. */
  lifecycle(event: GatewayEvent): void {
    if (event.type === 'SHARD_IDENTIFYING') this.#identifies += 1
    else if (event.type === 'SHARD_IDENTIFY_QUEUE_ERROR') this.#queueFailures += 1
    else if (event.type === 'SHARD_SESSION_STORE_ERROR') this.#storeFailures += 1
    else if (event.type === 'SHARD_RESUMING') this.#resuming()
    else if (event.type === 'SHARD_CONNECTED') {
      this.#resumed += Number(event.data.resumed)
      this.#replayed += event.data.replayed
    } else if (event.type === 'SHARD_DISCONNECTED') {
      this.#disconnects += 1
      this.#lastCause = event.data.cause
    } else if (event.type === 'SHARD_RECONNECTING' && this.#lastCause !== undefined) {
      this.#reconnects[this.#lastCause] = (this.#reconnects[this.#lastCause] ?? 0) + 1
    }
  }

  /** All counts as plain data; `connection` is the present one, whose own counts are added. */
  snapshot(
    connection: ConnectionCounts | undefined,
    identifyWaits: Pick<ShardStats, 'identifyWaits' | 'identifyWaitMs'>,
  ): ShardStats {
    return {
      dispatches: this.#events.total,
      dispatchesByType: this.#events.snapshot(),
      delivered: this.delivered,
      receivedBytes: this.#receivedBytes + (connection?.bytesReceived ?? 0),
      payloadBytes: this.#payloadBytes,
      oversize: this.#oversize,
      connects: this.#connects,
      disconnects: this.#disconnects,
      reconnectsByCause: { ...this.#reconnects },
      identifies: this.#identifies,
      ...identifyWaits,
      queueFailures: this.#queueFailures,
      storeFailures: this.#storeFailures,
      resumes: Object.values(this.#resumes).reduce((sum, count) => sum + count, 0),
      resumesByCause: { ...this.#resumes },
      resumed: this.#resumed,
      replayed: this.#replayed,
    }
  }

  #resuming(): void {
    const cause = this.#lastCause ?? 'start'
    this.#resumes[cause] = (this.#resumes[cause] ?? 0) + 1
  }
}
