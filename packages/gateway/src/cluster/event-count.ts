/** How often each event was delivered: equal events (two of the same typing notice) are told apart by their number. */
export class EventCount {
  readonly #counts = new Map<string, number>()

  add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** Takes one out; answers whether there was one. */
  take(key: string): boolean {
    const count = this.#counts.get(key) ?? 0
    if (count > 1) this.#counts.set(key, count - 1)
    else this.#counts.delete(key)
    return count > 0
  }

  clear(): void {
    this.#counts.clear()
  }
}
