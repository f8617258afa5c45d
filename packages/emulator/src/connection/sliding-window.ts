/** Counts events in a window that slides, in constant memory. */
export class SlidingWindow {
  readonly #limit: number
  readonly #windowMs: number
  readonly #times: number[] = []
  #next = 0

  constructor(limit: number, windowMs: number) {
    this.#limit = limit
    this.#windowMs = windowMs
  }

  /** Records one event; false when it is one too many within the window. */
  admit(now: number): boolean {
    const oldest = this.#times[this.#next]
    if (oldest !== undefined && now - oldest < this.#windowMs) return false
    this.#times[this.#next] = now
    this.#next = (this.#next + 1) % this.#limit
    return true
  }
}
