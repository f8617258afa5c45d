import type { GatewayEvent } from './event.ts'
import type { ByteBudget } from './byte-budget.ts'

/** What a buffer tells its owner. */
export interface EventBufferHandlers {
  /** The buffer went from empty to non-empty. */
  readable(): void
  /** The buffer is full: stop reading. Or has room again: go on. */
  setPaused(paused: boolean): void
}

/**
 * The events of one shard between socket and consumer: ordered, bounded, and aware of what the consumer has
 * acknowledged. A full buffer does not drop: it asks its owner to stop reading, so that what the last read
 * brought still fits on top.
 */
export class EventBuffer {
  readonly #handlers: EventBufferHandlers
  readonly #budget: ByteBudget
  readonly #highWaterMark: number
  #events: GatewayEvent[] = []
  #head = 0
  #sizeBytes = 0
  /** The event in the consumer's hands. */
  #taken: GatewayEvent | undefined
  #paused = false
  #ended = false
  #drained: (() => void) | undefined
  /** By session, the first sequence that was dropped at the end and that its replay must bring again. */
  #droppedFrom: Map<string, number> | undefined
  /** Times the buffer was full. */
  pauses = 0
  /** Life-cycle events that nobody took in time; dispatches are never dropped. */
  dropped = 0

  constructor(highWaterMark: number, budget: ByteBudget, handlers: EventBufferHandlers) {
    this.#highWaterMark = highWaterMark
    this.#budget = budget
    this.#handlers = handlers
  }

  /** Events that wait for the consumer. */
  get size(): number {
    return this.#events.length - this.#head
  }

  /** Bytes of the events that wait. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get isPaused(): boolean {
    return this.#paused
  }

  /** No event will be pushed any more. */
  get hasEnded(): boolean {
    return this.#ended
  }

  push(event: GatewayEvent): void {
    if (this.#ended) {
      this.#drop(event)
      return
    }
    const size = this.size
    if (event.raw === undefined) {
      // Reconnecting for days with nobody listening must not fill the memory.
      if (size >= 2 * this.#highWaterMark) {
        this.dropped += 1
        return
      }
    } else this.#resize(event.raw.byteLength)
    this.#events.push(event)
    // Only a dispatch stops reading: a new connection must get to its HELLO, however much waits from before.
    const isFull = size + 1 >= this.#highWaterMark || this.#budget.isExceeded
    if (event.raw !== undefined && isFull) this.#pause()
    if (size === 0) this.#handlers.readable()
  }

  /** The oldest event, now in the consumer's hands; taking it acknowledges the one before. */
  take(): GatewayEvent | undefined {
    const event = this.#events[this.#head]
    this.#taken = event
    if (event === undefined) return undefined
    this.#head += 1
    if (this.#head === this.#events.length) {
      this.#events = []
      this.#head = 0
      this.#tellDrained()
    } else if (this.#head >= 1024) {
      // Cut now and then: taking stays O(1) and taken events become garbage.
      this.#events = this.#events.slice(this.#head)
      this.#head = 0
    }
    if (event.raw !== undefined) this.#resize(-event.raw.byteLength)
    if (this.#paused) this.reconsider()
    return event
  }

  /** Calls back once when nothing waits. */
  whenDrained(drained: () => void): void {
    this.#drained = drained
    if (this.size === 0) this.#tellDrained()
  }

  /** The consumer asked for more: what it has, it has handled. */
  acknowledge(): void {
    this.#taken = undefined
  }

  /**
   * The sequence up to which everything of this session is acknowledged, given the last one received;
   * `undefined` if not even its READY is.
   */
  acknowledged(sessionId: string, receivedSequence: number): number | undefined {
    const isOpen = (event: GatewayEvent): boolean => event.sessionId === sessionId && event.sequence > 0
    let oldest = this.#taken && isOpen(this.#taken) ? this.#taken : undefined
    for (let index = this.#head; oldest === undefined && index < this.#events.length; index += 1) {
      const event = this.#events[index]
      if (event && isOpen(event)) oldest = event
    }
    const firstOpen = oldest?.sequence ?? this.#droppedFrom?.get(sessionId)
    if (firstOpen === undefined) return receivedSequence
    return firstOpen > 1 ? firstOpen - 1 : undefined
  }

  /** Reading may go on if there is room. */
  reconsider(): void {
    if (this.size <= this.#highWaterMark / 2 && !this.#budget.isTight) this.release()
  }

  /** Reading goes on: there is room, or the events go another way now. */
  release(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#budget.settled(this)
    this.#handlers.setPaused(false)
  }

  /** Ends the buffer. What waits is still delivered, or dropped if a replay will bring it again. */
  end(mode: 'deliver-rest' | 'drop-rest'): void {
    if (this.#ended) return
    this.#ended = true
    if (mode === 'drop-rest') {
      this.#droppedFrom = new Map()
      for (const event of this.#events.slice(this.#head)) this.#drop(event)
      this.#events = []
      this.#head = 0
      this.#resize(-this.#sizeBytes)
    }
    this.#budget.settled(this)
    // A buffer that still holds events has announced itself already.
    if (this.size === 0) this.#handlers.readable()
  }

  /** The budget of all shards follows what this buffer holds. */
  #resize(bytes: number): void {
    this.#sizeBytes += bytes
    if (bytes > 0) this.#budget.add(bytes)
    else this.#budget.remove(-bytes)
  }

  #tellDrained(): void {
    const drained = this.#drained
    this.#drained = undefined
    drained?.()
  }

  /** Notes what nobody will take: its session must not be resumed behind it. */
  #drop({ sessionId, sequence }: GatewayEvent): void {
    const dropped = this.#droppedFrom
    if (sequence > 0 && dropped?.has(sessionId) === false) dropped.set(sessionId, sequence)
  }

  #pause(): void {
    if (!this.#paused) {
      this.#paused = true
      this.pauses += 1
      this.#budget.waits(this)
    }
    // Said again with every event above the mark: the connection may be a new one.
    this.#handlers.setPaused(true)
  }
}
