import type { Clock } from '../clock.ts'
import { ClosedError } from '../errors.ts'
import type { IdentifyPermit, IdentifyQueue } from '../queue/identify-queue.ts'

/** Wait before a queue that failed is asked again; doubled by every failure, with jitter. */
const retryMs = { base: 1_000, cap: 30_000 }

export interface IdentifyWaitOptions {
  readonly queue: IdentifyQueue
  readonly shardId: number
  readonly clock: Clock
  readonly random: () => number
  readonly granted: (permit: IdentifyPermit) => void
  readonly failed: (error: unknown) => void
}

/** A shard's place in the identify queue: taken, given up, and taken again if the queue fails. */
export class IdentifyWait {
  readonly #options: IdentifyWaitOptions
  #controller: AbortController | undefined
  #retryTimer: unknown
  #failures = 0

  constructor(options: IdentifyWaitOptions) {
    this.#options = options
  }

  begin(): void {
    const controller = new AbortController()
    this.#controller = controller
    this.#acquire(controller.signal).then(
      (permit) => this.#granted(permit, controller.signal),
      (error: unknown) => this.#refused(error, controller.signal),
    )
  }

  cancel(): void {
    this.#options.clock.clearTimeout(this.#retryTimer)
    this.#controller?.abort(new ClosedError('ABORTED', 'the shard no longer waits to identify'))
    this.#controller = undefined
  }

  // Async also where the queue is not: what it throws at once is a refusal like any other.
  async #acquire(signal: AbortSignal): Promise<IdentifyPermit> {
    return this.#options.queue.acquire(this.#options.shardId, signal)
  }

  #granted(permit: IdentifyPermit, signal: AbortSignal): void {
    // Given up in the moment in which it was granted: it goes back unspent.
    if (signal.aborted) {
      permit.release()
      return
    }
    this.#controller = undefined
    this.#failures = 0
    this.#options.granted(permit)
  }

  #refused(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#retry(error)
  }

  #retry(error: unknown): void {
    const ceilingMs = Math.min(retryMs.cap, retryMs.base * 2 ** this.#failures)
    this.#failures += 1
    const delayMs = ceilingMs * (0.5 + this.#options.random() / 2)
    this.#retryTimer = this.#options.clock.setTimeout(() => this.begin(), delayMs)
    this.#options.failed(error)
  }
}
