import type { ByteBudget } from './byte-budget.ts'

/**
 * Decides whether a shard reads from its socket. It does not while the consumer is behind, unless a reply is awaited
 * that lies behind the events which the consumer has not taken; nor while replies come faster than they are taken.
 */
export class Reading {
  readonly #budget: ByteBudget
  readonly #changed: (isPaused: boolean) => void
  #isConsumerBehind = false
  #expected = 0
  #pauses = 0
  #wasPaused = false

  constructor(budget: ByteBudget, changed: (isPaused: boolean) => void) {
    this.#budget = budget
    this.#changed = changed
  }

  get isPaused(): boolean {
    if (this.#pauses > 0) return true
    return this.#isConsumerBehind && (this.#expected === 0 || this.#budget.isExceeded)
  }

  /** The consumer's buffer is full, or has room again. Said again while it is full: the connection may be a new one. */
  setConsumerBehind(isBehind: boolean): void {
    this.#isConsumerBehind = isBehind
    this.#tell()
  }

  /** A reply is awaited until the returned function is called. */
  expect(): () => void {
    this.#expected += 1
    this.#tell()
    return once(() => {
      this.#expected -= 1
      this.#tell()
    })
  }

  /** Nothing is read until the returned function is called. */
  pause(): () => void {
    this.#pauses += 1
    this.#tell()
    return once(() => {
      this.#pauses -= 1
      this.#tell()
    })
  }

  #tell(): void {
    const { isPaused } = this
    // A pause is said again and again: the connection may be a new one.
    if (isPaused || this.#wasPaused) this.#changed(isPaused)
    this.#wasPaused = isPaused
  }
}

function once(callback: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) callback()
    isDone = true
  }
}
