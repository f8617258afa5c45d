/** `max_concurrency`: one identify per bucket and window, for the whole application. Docs, *Gateway*. */
export class IdentifyWindow {
  readonly #maxConcurrency: number
  readonly #windowMs: number
  readonly #lastByKey = new Map<number, number>()

  constructor(maxConcurrency: number, windowMs: number) {
    this.#maxConcurrency = maxConcurrency
    this.#windowMs = windowMs
  }

  /**
   * Takes the slot of a shard; otherwise returns how many milliseconds too early it came. The window starts at
   * the last identify that was let through [I].
   */
  take(shardId: number, now: number): number {
    const key = shardId % this.#maxConcurrency
    const last = this.#lastByKey.get(key)
    const earlyMs = last === undefined ? 0 : last + this.#windowMs - now
    if (earlyMs > 0) return earlyMs
    this.#lastByKey.set(key, now)
    return 0
  }
}
