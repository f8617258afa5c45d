import type { Clock } from '../clock.ts'
import type { SessionStartLimit } from '../options.ts'

/** The daily budget of identifies. Docs, *Gateway*, session start limit object. */
export class StartLimit {
  readonly total: number
  readonly #clock: Clock
  readonly #periodMs: number
  #remaining: number
  #resetsAt: number

  constructor(limit: Required<SessionStartLimit>, clock: Clock) {
    this.total = limit.total
    this.#clock = clock
    this.#periodMs = limit.resetAfterMs
    this.#remaining = limit.remaining
    this.#resetsAt = clock.now() + limit.resetAfterMs
  }

  get remaining(): number {
    this.#renew()
    return this.#remaining
  }

  /** Milliseconds until `remaining` is `total` again. */
  get resetAfterMs(): number {
    this.#renew()
    return Math.max(0, Math.round(this.#resetsAt - this.#clock.now()))
  }

  /** Counts one identify; false if none was left. */
  take(): boolean {
    this.#renew()
    if (this.#remaining <= 0) return false
    this.#remaining--
    return true
  }

  #renew(): void {
    const late = this.#clock.now() - this.#resetsAt
    if (late < 0) return
    this.#remaining = this.total
    this.#resetsAt += this.#periodMs * (1 + Math.floor(late / this.#periodMs))
  }
}
