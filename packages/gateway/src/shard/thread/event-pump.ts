import type { EventBuffer } from '../event-buffer.ts'
import type { GatewayEvent, LifecycleEvent } from '../event.ts'
import type { LazyDispatch } from '../lazy-dispatch.ts'
import type { EventSink } from '../shard-runner.ts'
import { EventBatchBuilder } from './event-batch.ts'

/** A batch is sent when it holds so much, or all that there is. */
const batchLimit = { events: 1_024, bytes: 512 * 1024 }
/** Events that a shard gives before it is the next one's turn. */
const eventsPerTurn = 64
/** Batches on their way at most. A main thread that is blocked is sent no more: what comes waits here, bounded. */
const mostBatches = 4

/**
 * Sends the events of a thread's shards to the main thread: what one turn of the event loop brought makes one batch.
 * Shards take turns; one whose buffer in the main thread is full is left out, until its own buffer here is full too and
 * it stops reading.
 */
export class EventPump implements EventSink {
  readonly #post: (builder: EventBatchBuilder, shards: ReadonlySet<EventBuffer>) => void
  /** Buffers that hold events, in the order of their turns. */
  readonly #turns = new Set<EventBuffer>()
  readonly #held = new Set<EventBuffer>()
  readonly isBuffering = true
  #credit = mostBatches
  #isScheduled = false

  constructor(post: (builder: EventBatchBuilder, shards: ReadonlySet<EventBuffer>) => void) {
    this.#post = post
  }

  add(): void {
    // A buffer joins with its first event.
  }

  wants(): boolean {
    return true
  }

  push(event: GatewayEvent, buffer: EventBuffer): void {
    buffer.push(event)
  }

  readable(buffer: EventBuffer): void {
    if (buffer.size === 0) return
    this.#turns.add(buffer)
    this.#schedule()
  }

  /** A batch arrived. */
  credit(): void {
    this.#credit += 1
    this.#schedule()
  }

  /** Leaves a buffer out, or no longer. */
  hold(buffer: EventBuffer, isHeld: boolean): void {
    if (isHeld) this.#held.add(buffer)
    else if (this.#held.delete(buffer)) this.readable(buffer)
  }

  /** Sends all that a buffer holds, now and whatever else holds. */
  flush(buffer: EventBuffer): void {
    this.#held.delete(buffer)
    this.#turns.delete(buffer)
    while (buffer.size > 0) {
      const builder = new EventBatchBuilder()
      fill(builder, buffer, batchLimit.events)
      this.#send(builder, new Set([buffer]))
    }
  }

  /** Sends what may be sent, now. */
  send(): void {
    while (this.#credit > 0) {
      const builder = new EventBatchBuilder()
      const shards = this.#collect(builder)
      if (builder.count === 0) return
      this.#send(builder, shards)
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#credit <= 0 || this.#turns.size === 0) return
    this.#isScheduled = true
    // Behind the reads of this turn, whose events make one batch.
    setImmediate(() => {
      this.#isScheduled = false
      this.send()
    })
  }

  #collect(builder: EventBatchBuilder): ReadonlySet<EventBuffer> {
    const shards = new Set<EventBuffer>()
    // A set can grow while it is walked: who has more gets another turn.
    for (const buffer of this.#turns) {
      if (isFull(builder)) break
      this.#turns.delete(buffer)
      if (this.#held.has(buffer)) continue
      fill(builder, buffer, eventsPerTurn)
      shards.add(buffer)
      if (buffer.size > 0) this.#turns.add(buffer)
    }
    return shards
  }

  #send(builder: EventBatchBuilder, shards: ReadonlySet<EventBuffer>): void {
    this.#credit -= 1
    this.#post(builder, shards)
  }
}

function fill(builder: EventBatchBuilder, buffer: EventBuffer, most: number): void {
  for (let count = 0; count < most && !isFull(builder); count += 1) {
    const event = buffer.take()
    if (event === undefined) break
    // A shard's buffer holds what its driver made: these two.
    builder.add(event as unknown as LazyDispatch | LifecycleEvent)
  }
  // What is on its way needs no replay by this thread.
  buffer.acknowledge()
}

function isFull(builder: EventBatchBuilder): boolean {
  return builder.count >= batchLimit.events || builder.sizeBytes >= batchLimit.bytes
}
