/** Whoever waits for the budget to ease. */
export interface BudgetWaiter {
  reconsider(): void
}

/** Bytes that the buffers of a cluster may hold together. */
export class ByteBudget {
  readonly limitBytes: number
  readonly #waiters = new Set<BudgetWaiter>()
  #usedBytes = 0
  #wasTight = false

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get isExceeded(): boolean {
    return this.#usedBytes >= this.limitBytes
  }

  /** Above half of the limit: those who stopped reading stay stopped, so that they do not flutter. */
  get isTight(): boolean {
    return this.#usedBytes > this.limitBytes / 2
  }

  add(bytes: number): void {
    this.#usedBytes += bytes
    if (this.isTight) this.#wasTight = true
  }

  remove(bytes: number): void {
    this.#usedBytes -= bytes
    if (!this.#wasTight || this.isTight) return
    this.#wasTight = false
    // A buffer that paused for the others' sake may be empty: nobody will take from it, so it is told.
    for (const waiter of Array.from(this.#waiters)) waiter.reconsider()
  }

  waits(waiter: BudgetWaiter): void {
    this.#waiters.add(waiter)
  }

  settled(waiter: BudgetWaiter): void {
    this.#waiters.delete(waiter)
  }
}
