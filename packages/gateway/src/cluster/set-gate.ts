import type { EventBuffer } from '../shard/event-buffer.ts'
import type { GatewayEvent } from '../shard/event.ts'
import type { EventSink } from '../shard/shard-runner.ts'
import type { EventCount } from './event-count.ts'
import { eventKey } from './event-key.ts'

interface HeldEvent {
  readonly event: GatewayEvent
  readonly buffer: EventBuffer
}

/**
 * Between the shards of a set and the cluster's stream. Outside of resharding it lets everything through.
 *
 * ```
 *  the new set: shut ─hold()─▶ holding ─takeOver()─▶ open      the old set: open ─record()─▶ recording ─shut()─▶ shut
 * ```
 */
export class SetGate implements EventSink {
  readonly #outlet: EventSink
  #state: 'open' | 'recording' | 'holding' | 'shut'
  #buffers: EventBuffer[] = []
  #held: HeldEvent[] = []
  #heldBytes = 0
  /** What the old set delivered and this one will bring, or has brought, again. */
  #delivered: EventCount | undefined
  /** Buffers that have something, while the old set's events are not all taken. */
  #waiting: Set<EventBuffer> | undefined

  constructor(outlet: EventSink, state: 'open' | 'shut') {
    this.#outlet = outlet
    this.#state = state
  }

  /** Bytes of the events held back. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  add(buffer: EventBuffer): void {
    // Those of shards that have left are forgotten.
    this.#buffers = [...this.#buffers.filter((one) => !one.hasEnded || one.size > 0), buffer]
    this.#outlet.add(buffer)
  }

  readable(buffer: EventBuffer): void {
    if (this.#waiting === undefined || buffer.hasEnded) this.#outlet.readable(buffer)
    else this.#waiting.add(buffer)
  }

  get isBuffering(): boolean {
    return this.#outlet.isBuffering
  }

  wants(type: string): boolean {
    return this.#state !== 'shut' && this.#outlet.wants(type)
  }

  push(event: GatewayEvent, buffer: EventBuffer): void {
    if (this.#state === 'open') {
      if (this.#delivered === undefined || !this.#isRepeat(event)) this.#outlet.push(event, buffer)
    } else if (this.#state === 'recording') {
      const key = eventKey(event)
      if (key !== undefined) this.#delivered?.add(key)
      this.#outlet.push(event, buffer)
    } else if (this.#state === 'holding' && event.raw !== undefined) {
      this.#held.push({ event, buffer })
      this.#heldBytes += event.raw.byteLength
    }
  }

  /** Delivers an event that concerns the whole set. */
  tell(event: GatewayEvent): void {
    const buffer = this.#buffers.find((one) => !one.hasEnded)
    if (buffer) this.#outlet.push(event, buffer)
  }

  /** The old set: notes what it delivers. */
  record(delivered: EventCount): void {
    this.#state = 'recording'
    this.#delivered = delivered
  }

  /** The new set: keeps what comes, instead of dropping it. */
  hold(): void {
    this.#state = 'holding'
    this.#held = []
    this.#heldBytes = 0
  }

  /** Lets nothing through any more. */
  shut(): void {
    this.#state = 'shut'
    this.#held = []
    this.#heldBytes = 0
    this.#delivered = undefined
  }

  /** As it was before `record`. */
  open(): void {
    this.#state = 'open'
    this.#delivered = undefined
  }

  /**
   * The new set: delivers `first`, what it held and what comes, but for what the old set has delivered. Its buffers stay
   * out of the stream until `begin`.
   */
  takeOver(delivered: EventCount, first: GatewayEvent): void {
    this.#waiting = new Set()
    this.#delivered = delivered
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    this.#state = 'open'
    this.tell(first)
    for (const entry of held) this.push(entry.event, entry.buffer)
  }

  /** The old set's events are taken: those of the new one follow. */
  begin(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const buffer of waiting) this.#outlet.readable(buffer)
  }

  /** Calls back once when all that waits in the buffers of this set is taken. */
  whenDrained(drained: () => void): void {
    let left = this.#buffers.length
    const oneLess = (): void => {
      left -= 1
      if (left === 0) drained()
    }
    for (const buffer of this.#buffers) buffer.whenDrained(oneLess)
  }

  /** Repeats are no longer to be expected. */
  forgetDelivered(): void {
    this.#delivered = undefined
  }

  #isRepeat(event: GatewayEvent): boolean {
    const key = eventKey(event)
    return key !== undefined && this.#delivered?.take(key) === true
  }
}
