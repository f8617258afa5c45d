/** The newest items up to a cap, and a count of all that ever were. */
export class CappedLog<T> {
  readonly #cap: number
  readonly #items: T[] = []
  #count = 0

  constructor(cap: number) {
    this.#cap = Math.max(1, cap)
  }

  get count(): number {
    return this.#count
  }

  push(item: T): void {
    this.#items[this.#count++ % this.#cap] = item
  }

  /** Oldest first. */
  toArray(): T[] {
    const start = this.#count <= this.#cap ? 0 : this.#count % this.#cap
    return [...this.#items.slice(start), ...this.#items.slice(0, start)]
  }
}
