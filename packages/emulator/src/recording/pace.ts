import { setImmediate as nextTurn } from 'node:timers/promises'

import { systemClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { Gateway } from '../gateway.ts'

/** After so many events, or bytes of lines, the clients' pace is looked at. */
const portionEvents = 64
const portionBytes = 256 * 1024
/** A client that has not taken this much holds the replay up. */
const highWaterBytes = 1024 * 1024
const retryMs = 5
/** The longest that a timer of Node.js can be set to. */
const longestWaitMs = 2 ** 31 - 1

/** Holds a replay back: until an event is due, and while clients or recordings have not taken what came before. */
export class Pace {
  readonly #gateway: Gateway
  readonly #signal: AbortSignal
  #events = 0
  #bytes = 0

  constructor(gateway: Gateway, signal: AbortSignal) {
    this.#gateway = gateway
    this.#signal = signal
  }

  /** What is sent from now on leaves in few socket writes, at {@link Pace.release} or before any wait. */
  hold(): void {
    for (const connection of this.#gateway.connections) connection.cork()
  }

  release(): void {
    for (const connection of this.#gateway.connections) connection.uncork()
  }

  /** Resolves at a time of the emulator's clock, or when the replay is ended. */
  async until(dueAtMs: number): Promise<void> {
    this.release()
    const { clock } = this.#gateway.settings
    for (let leftMs = dueAtMs - clock.now(); leftMs > 0; leftMs = dueAtMs - clock.now()) {
      if (this.#signal.aborted) return
      await wait(clock, Math.min(leftMs, longestWaitMs), this.#signal)
    }
    this.hold()
  }

  /** Counts what was sent; true when it is time to look for room. */
  isFull(bytes: number): boolean {
    this.#bytes += bytes
    return ++this.#events >= portionEvents || this.#bytes >= portionBytes
  }

  /** Resolves when clients and recordings have room for more, or the replay is ended. */
  async room(): Promise<void> {
    this.release()
    this.#events = 0
    this.#bytes = 0
    const { connections, recordings } = this.#gateway
    // In real time, whatever the clock: sockets and files know no other.
    while (!this.#signal.aborted && (someBehind(connections) || someBehind(recordings))) {
      await wait(systemClock, retryMs, this.#signal)
    }
    await nextTurn()
    this.hold()
  }
}

function someBehind(takers: Iterable<{ readonly open: boolean; readonly bufferedBytes: number }>): boolean {
  for (const { open, bufferedBytes } of takers) if (open && bufferedBytes > highWaterBytes) return true
  return false
}

async function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.setTimeout(resolve, delayMs)
  const wake = (): void => resolve()
  signal.addEventListener('abort', wake, { once: true })
  await promise
  signal.removeEventListener('abort', wake)
  clock.clearTimeout(timer)
}
