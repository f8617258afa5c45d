import type { GatewaySession } from '../../session/gateway-session.ts'
import type { LifecycleEvent } from '../event.ts'
import { LazyDispatch } from '../lazy-dispatch.ts'
import type { RunnerInfo } from '../shard-info.ts'
import { packLifecycle } from './transferred-lifecycle.ts'

/** Numbers for each event of a batch. */
const field = {
  shardId: 0,
  sequence: 1,
  type: 2,
  session: 3,
  start: 4,
  end: 5,
  dataStart: 6,
  dataEnd: 7,
} as const
const fieldCount = 8

/** Marks a life-cycle event, whose data lies in `lifecycle` at `dataStart`. */
const noBytes = -1

/** The session of a shard up to what was sent to the main thread; `undefined` if there is none to resume. */
export interface ShardSession {
  readonly shardId: number
  readonly session: GatewaySession | undefined
}

/**
 * Events of several shards on their way between threads: the bytes of all payloads in one piece, which changes hands
 * without being copied, and eight numbers for each.
 */
export interface EventBatch {
  readonly count: number
  /** `count` × `field`. */
  readonly fields: Float64Array<ArrayBuffer>
  readonly bytes: ArrayBuffer
  /** Names and session ids, which the fields point into. */
  readonly strings: readonly string[]
  /** Data of life-cycle events, as `packLifecycle` makes it. */
  readonly lifecycle: readonly unknown[]
  /** For the shards concerned: the session up to what is in this batch or was in an earlier one. */
  readonly sessions: readonly ShardSession[]
  /** Shards whose state changed with this batch. */
  readonly infos: readonly RunnerInfo[]
}

/** Collects events into a batch. */
export class EventBatchBuilder {
  readonly #events: (LazyDispatch | LifecycleEvent)[] = []
  /** Bytes of all payloads so far. */
  sizeBytes = 0

  /** Whether a life-cycle event is in it. */
  hasLifecycle = false

  get count(): number {
    return this.#events.length
  }

  add(event: LazyDispatch | LifecycleEvent): void {
    this.#events.push(event)
    this.sizeBytes += event.raw?.byteLength ?? 0
    if (event.raw === undefined) this.hasLifecycle = true
  }

  /** The batch; each payload is copied into it, the only time on its way. */
  build(sessions: readonly ShardSession[], infos: readonly RunnerInfo[]): EventBatch {
    const count = this.#events.length
    const fields = new Float64Array(count * fieldCount)
    const bytes = new ArrayBuffer(this.sizeBytes)
    const target = Buffer.from(bytes)
    const strings = new Interner()
    const lifecycle: unknown[] = []
    let used = 0
    let at = 0
    for (const event of this.#events) {
      fields[at + field.shardId] = event.shardId
      fields[at + field.sequence] = event.sequence
      fields[at + field.type] = strings.place(event.type)
      fields[at + field.session] = strings.place(event.sessionId)
      if (event instanceof LazyDispatch) {
        target.set(event.raw, used)
        fields[at + field.start] = used
        used += event.raw.byteLength
        fields[at + field.end] = used
        fields[at + field.dataStart] = event.dataStart
        fields[at + field.dataEnd] = event.dataEnd
      } else {
        fields[at + field.start] = noBytes
        fields[at + field.dataStart] = lifecycle.push(packLifecycle(event)) - 1
      }
      at += fieldCount
    }
    return { count, fields, bytes, strings: strings.all, lifecycle, sessions, infos }
  }
}

/** Gives each string a place in a list, once. */
class Interner {
  readonly all: string[] = []
  readonly #places = new Map<string, number>()

  place(text: string): number {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    const place = this.all.push(text) - 1
    this.#places.set(text, place)
    return place
  }
}

/** Who takes the events of a batch, in their order. */
export interface EventBatchReader {
  dispatch(
    shardId: number,
    type: string,
    sequence: number,
    sessionId: string,
    raw: Buffer,
    dataStart: number,
    dataEnd: number,
  ): void
  lifecycle(shardId: number, type: string, packedData: unknown): void
}

/** Hands out what a batch holds. The payloads are views of its bytes. */
export function readBatch(batch: EventBatch, reader: EventBatchReader): void {
  const { count, fields, bytes, strings, lifecycle } = batch
  for (let index = 0; index < count; index += 1) {
    const at = index * fieldCount
    const numberAt = (offset: number): number => fields[at + offset] ?? 0
    const shardId = numberAt(field.shardId)
    const type = strings[numberAt(field.type)] ?? ''
    const start = numberAt(field.start)
    const dataStart = numberAt(field.dataStart)
    if (start === noBytes) {
      reader.lifecycle(shardId, type, lifecycle[dataStart])
      continue
    }
    const raw = Buffer.from(bytes, start, numberAt(field.end) - start)
    const sessionId = strings[numberAt(field.session)] ?? ''
    reader.dispatch(
      shardId,
      type,
      numberAt(field.sequence),
      sessionId,
      raw,
      dataStart,
      numberAt(field.dataEnd),
    )
  }
}
