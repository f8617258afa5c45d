import type { SessionStartLimit } from './session-start-limit.ts'

/** The period of a budget that was full: Discord grants so many starts per 24 hours (Discord docs, *Gateway*). */
export const dayMs = 24 * 60 * 60 * 1_000

/** The daily budget of session starts. Using more than it holds would make Discord reset the bot's token. */
export class StartBudget {
  #total: number
  #remaining: number
  #periodMs: number
  /** When the period ends; a period begins with the first start out of a full budget. */
  #resetAtMs: number | undefined

  constructor(limit: SessionStartLimit, nowMs: number) {
    this.#total = limit.total
    this.#remaining = limit.remaining
    this.#periodMs = limit.resetAfterMs > 0 ? limit.resetAfterMs : dayMs
    this.#resetAtMs = limit.remaining < limit.total ? nowMs + limit.resetAfterMs : undefined
  }

  get total(): number {
    return this.#total
  }

  get remaining(): number {
    return Math.max(0, this.#remaining)
  }

  get resetAtMs(): number {
    return this.#resetAtMs ?? Infinity
  }

  spend(nowMs: number): void {
    this.#remaining -= 1
    this.#resetAtMs ??= nowMs + this.#periodMs
  }

  /** The period is over and nobody can tell us more: the budget is full again. */
  refill(): void {
    this.#remaining = this.#total
    this.#periodMs = dayMs
    this.#resetAtMs = undefined
  }

  /** Discord told us: its word replaces our count. */
  update(limit: SessionStartLimit, nowMs: number): void {
    this.#total = limit.total
    this.#remaining = limit.remaining
    this.#periodMs = limit.resetAfterMs > 0 ? limit.resetAfterMs : dayMs
    this.#resetAtMs = limit.remaining < limit.total ? nowMs + limit.resetAfterMs : undefined
  }
}
