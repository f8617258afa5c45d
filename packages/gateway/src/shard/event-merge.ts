import { GatewayError } from '../errors.ts'
import type { EventBuffer } from './event-buffer.ts'
import type { GatewayEvent } from './event.ts'

/**
 * One stream over many buffers: each non-empty buffer in turn gives one event, so a busy shard cannot starve a
 * quiet one, and the events of one shard keep their order. Asking for the next event acknowledges the last.
 */
export class EventMerge {
  /** Non-empty buffers, each once, in the order of their turns. */
  #turns: EventBuffer[] = []
  #head = 0
  readonly #buffers = new Set<EventBuffer>()
  /** Whose event is in the consumer's hands. */
  #lent: EventBuffer | undefined
  #wanted: PromiseWithResolvers<IteratorResult<GatewayEvent, undefined>> | undefined
  #isIterated = false
  #closed = false
  #failure: Error | undefined

  add(buffer: EventBuffer): void {
    this.#buffers.add(buffer)
    if (buffer.size > 0) this.readable(buffer)
  }

  /** A buffer went from empty to non-empty, or ended. */
  readable(buffer: EventBuffer): void {
    if (buffer.size > 0) this.#turns.push(buffer)
    else if (buffer.hasEnded) this.#buffers.delete(buffer)
    this.#serve()
  }

  /** No buffer will be added; the stream ends, or fails, when all that waits has been taken. */
  close(failure?: Error): void {
    this.#closed = true
    this.#failure ??= failure
    this.#serve()
  }

  /** Whether somebody iterates: took an iterator and neither left it nor came to its end. */
  get isIterated(): boolean {
    return this.#isIterated
  }

  /** Reading goes on everywhere, although nobody takes what waits. */
  release(): void {
    for (const buffer of this.#buffers) buffer.release()
  }

  /**
   * `left` is called when the iterator is left before the end.
   * @throws GatewayError SHARD_STATE if somebody iterates already
   */
  iterate(left?: () => void): AsyncIterableIterator<GatewayEvent, undefined> {
    if (this.#isIterated) {
      throw new GatewayError(
        'SHARD_STATE',
        'the events are being iterated already; an event has one consumer, use on() for more',
      )
    }
    this.#isIterated = true
    let isLeft = false
    const iterator: AsyncIterableIterator<GatewayEvent, undefined> = {
      next: () => (isLeft ? done() : this.#next()),
      return: () => {
        if (!isLeft) {
          isLeft = true
          this.#isIterated = false
          this.#wanted?.resolve({ done: true, value: undefined })
          this.#wanted = undefined
          left?.()
        }
        return done()
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  #next(): Promise<IteratorResult<GatewayEvent, undefined>> {
    this.#lent?.acknowledge()
    this.#lent = undefined
    const value = this.#take()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    this.#wanted ??= Promise.withResolvers()
    const { promise } = this.#wanted
    this.#serve()
    return promise
  }

  #take(): GatewayEvent | undefined {
    for (;;) {
      const buffer = this.#turns[this.#head]
      if (buffer === undefined) return undefined
      this.#head += 1
      const event = buffer.take()
      if (buffer.size > 0) this.#turns.push(buffer)
      else if (buffer.hasEnded) this.#buffers.delete(buffer)
      if (this.#head === this.#turns.length) {
        this.#turns.length = 0
        this.#head = 0
      } else if (this.#head >= 1024) {
        this.#turns = this.#turns.slice(this.#head)
        this.#head = 0
      }
      if (event === undefined) continue
      this.#lent = buffer
      return event
    }
  }

  /** Answers a consumer that waits, if there is something to answer. */
  #serve(): void {
    const wanted = this.#wanted
    if (wanted === undefined) return
    const value = this.#take()
    if (value === undefined && !(this.#closed && this.#buffers.size === 0)) return
    this.#wanted = undefined
    if (value !== undefined) {
      wanted.resolve({ done: false, value })
      return
    }
    // Over: whoever iterates again is told the same.
    this.#isIterated = false
    if (this.#failure) wanted.reject(this.#failure)
    else wanted.resolve({ done: true, value: undefined })
  }
}

function done(): Promise<IteratorResult<GatewayEvent, undefined>> {
  return Promise.resolve({ done: true, value: undefined })
}
