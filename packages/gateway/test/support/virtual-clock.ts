import type { Clock } from '../../src/clock.ts'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** More timers than this in one call of `advance` are a loop. */
const mostTimers = 100_000

/** Time that passes only when told to. */
export class VirtualClock implements Clock {
  #nowMs: number
  #handles = 0
  readonly #timers = new Map<number, Timer>()

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    this.#handles += 1
    this.#timers.set(this.#handles, { atMs: this.#nowMs + Math.max(0, delayMs), callback })
    return this.#handles
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number)
  }

  /** Lets time pass: runs what is due in order, and after each all that follows from it without a timer. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settled()
    for (let fired = 0; ; fired += 1) {
      if (fired > mostTimers) throw new Error('timers without end')
      const due = this.#next(endMs)
      if (due === undefined) break
      const [handle, { atMs, callback }] = due
      this.#timers.delete(handle)
      this.#nowMs = Math.max(this.#nowMs, atMs)
      callback()
      await settled()
    }
    this.#nowMs = endMs
  }

  /** The earliest timer up to a time; of equal ones that which was set first. */
  #next(endMs: number): readonly [number, Timer] | undefined {
    let earliest: readonly [number, Timer] | undefined
    for (const entry of this.#timers) {
      if (entry[1].atMs <= endMs && entry[1].atMs < (earliest?.[1].atMs ?? Infinity)) earliest = entry
    }
    return earliest
  }
}

/** Resolves when all that is ready to run has run: ticks and microtasks go before an immediate. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
