/** Round trips of heartbeats of the current connection. */
export class Latency {
  #averageMs = 0
  #count = 0
  #recentMs: number[] = []

  reset(): void {
    this.#averageMs = 0
    this.#count = 0
    this.#recentMs = []
  }

  record(roundTripMs: number): void {
    this.#count += 1
    this.#averageMs += (roundTripMs - this.#averageMs) / this.#count
    this.#recentMs = [roundTripMs, ...this.#recentMs.slice(0, 4)]
  }

  /** Mean over the connection, or `undefined` before the first acknowledged heartbeat. */
  get averageMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#averageMs
  }

  /** The last five round trips, newest first. */
  get recentMs(): readonly number[] {
    return this.#recentMs
  }
}
