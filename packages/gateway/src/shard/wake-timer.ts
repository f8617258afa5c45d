import { longestTimerMs, type Clock } from '../clock.ts'

/**
 * One timer for everything that a session waits for. A wish for a later time leaves the running timer alone:
 * it fires early, the session looks and wishes again. That saves a timer change for most inputs.
 */
export class WakeTimer {
  readonly #clock: Clock
  readonly #fired: () => void
  #handle: unknown
  #atMs = Infinity

  constructor(clock: Clock, fired: () => void) {
    this.#clock = clock
    this.#fired = fired
  }

  wakeAt(atMs: number): void {
    if (atMs === Infinity) {
      this.cancel()
      return
    }
    if (atMs >= this.#atMs) return
    this.#clock.clearTimeout(this.#handle)
    this.#atMs = atMs
    const delayMs = Math.min(Math.max(0, atMs - this.#clock.now()), longestTimerMs)
    this.#handle = this.#clock.setTimeout(() => {
      this.#atMs = Infinity
      this.#fired()
    }, delayMs)
  }

  cancel(): void {
    this.#clock.clearTimeout(this.#handle)
    this.#atMs = Infinity
  }
}
