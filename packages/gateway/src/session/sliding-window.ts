/**
 * An exact log of the sends of the last window: no window of that length, wherever it starts, ever holds
 * more than `limit` sends. A fixed window would let twice as many through around its edge.
 */
export class SlidingWindow {
  readonly limit: number
  readonly windowMs: number
  /** Send times, oldest at `#head`; a ring of `limit` places. */
  readonly #times: Float64Array
  #head = 0
  #used = 0

  constructor(limit: number, windowMs: number) {
    this.limit = limit
    this.windowMs = windowMs
    this.#times = new Float64Array(limit)
  }

  /** How many sends the window ending now holds. */
  used(nowMs: number): number {
    while (this.#used > 0 && nowMs - this.#at(0) >= this.windowMs) {
      this.#head = (this.#head + 1) % this.limit
      this.#used -= 1
    }
    return this.#used
  }

  /** Notes a send. Invariant: the caller asked `used` first; a full window forgets its oldest entry. */
  record(nowMs: number): void {
    if (this.used(nowMs) === this.limit) {
      this.#head = (this.#head + 1) % this.limit
      this.#used -= 1
    }
    this.#times[(this.#head + this.#used) % this.limit] = nowMs
    this.#used += 1
  }

  /** When the window will hold fewer than `below` sends: now, or a time to come. */
  freeAt(nowMs: number, below: number): number {
    const excess = this.used(nowMs) - below
    return excess < 0 ? nowMs : this.#at(Math.min(excess, this.#used - 1)) + this.windowMs
  }

  #at(index: number): number {
    return this.#times[(this.#head + index) % this.limit] ?? 0
  }
}
