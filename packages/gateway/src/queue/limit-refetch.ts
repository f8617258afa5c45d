import type { Clock } from '../clock.ts'
import type { SessionStartLimit } from './session-start-limit.ts'

/** Asks `/gateway/bot` for the limit. The signal aborts when nobody waits for the answer any more. */
export type AskForLimit = (signal: AbortSignal) => Promise<SessionStartLimit>

/** The least wait between two questions; doubled by every failure. */
const waitMs = { base: 5_000, cap: 300_000 }

/** The question to Discord when a period is over: one at a time, and later after every failure. */
export class LimitRefetch {
  readonly #ask: AskForLimit
  readonly #clock: Clock
  #underWay: AbortController | undefined
  #failures = 0
  #atMs = 0

  constructor(ask: AskForLimit, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** When the next question may be asked; Infinity while one is under way. */
  get atMs(): number {
    return this.#underWay === undefined ? this.#atMs : Infinity
  }

  /** Asks. Then either callback is called, once, unless `cancel` was. */
  begin(answered: (limit: SessionStartLimit) => void, failed: () => void): void {
    const controller = new AbortController()
    this.#underWay = controller
    void this.#question(controller, answered, failed)
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    this.#underWay?.abort()
    if (this.#underWay !== undefined) this.#settle(this.#failures)
  }

  async #question(
    controller: AbortController,
    answered: (limit: SessionStartLimit) => void,
    failed: () => void,
  ): Promise<void> {
    let limit: SessionStartLimit | undefined
    try {
      limit = await this.#ask(controller.signal)
    } catch {
      // Whoever waits sees it in the shard's phase.
    }
    if (this.#underWay !== controller) return
    this.#settle(limit === undefined ? this.#failures + 1 : 0)
    if (limit === undefined) failed()
    else answered(limit)
  }

  #settle(failures: number): void {
    this.#underWay = undefined
    this.#failures = failures
    // Also after an answer: one that says that the period is over already must not make a loop.
    this.#atMs = this.#clock.now() + Math.min(waitMs.cap, waitMs.base * 2 ** Math.max(0, failures - 1))
  }
}
