import type { Clock } from '../clock.ts'
import type { ShardTrace } from '../diagnostics/shard-trace.ts'
import { ClosedError } from '../errors.ts'
import type { IdentifyPermit, IdentifyQueue } from '../queue/identify-queue.ts'

/** Wait before a queue that failed is asked again; doubled by every failure, with jitter. */
const retryMs = { base: 1_000, cap: 30_000 }

export interface IdentifyWaitOptions {
  readonly queue: IdentifyQueue
  readonly shardId: number
  readonly clock: Clock
  readonly random: () => number
  readonly trace: ShardTrace
  readonly granted: (permit: IdentifyPermit) => void
  readonly failed: (error: unknown) => void
}

/** A shard's place in the identify queue: taken, given up, and taken again if the queue fails. */
export class IdentifyWait {
  readonly #options: IdentifyWaitOptions
  #controller: AbortController | undefined
  #retryTimer: unknown
  #failures = 0
  #sinceMs: number | undefined
  #waitedMs = 0
  /** Times a wait began; that a queue failed does not end it. */
  waits = 0

  constructor(options: IdentifyWaitOptions) {
    this.#options = options
  }

  /** How long all waits took, the present one included. */
  get waitedMs(): number {
    return this.#waitedMs + this.#presentMs()
  }

  begin(): void {
    this.#sinceMs = this.#options.clock.now()
    this.waits += 1
    this.#ask()
  }

  cancel(): void {
    this.#options.clock.clearTimeout(this.#retryTimer)
    if (this.#controller) this.#options.trace.queue({ kind: 'cancelled', waitedMs: this.#end() })
    this.#controller?.abort(new ClosedError('ABORTED', 'the shard no longer waits to identify'))
    this.#controller = undefined
  }

  #ask(): void {
    this.#options.trace.queue({ kind: 'waiting' })
    const controller = new AbortController()
    this.#controller = controller
    this.#acquire(controller.signal).then(
      (permit) => this.#granted(permit, controller.signal),
      (error: unknown) => this.#refused(error, controller.signal),
    )
  }

  // Async also where the queue is not: what it throws at once is a refusal like any other.
  async #acquire(signal: AbortSignal): Promise<IdentifyPermit> {
    return this.#options.queue.acquire(this.#options.shardId, signal)
  }

  #granted(permit: IdentifyPermit, signal: AbortSignal): void {
    // Given up in the moment in which it was granted: it goes back unspent.
    if (signal.aborted) {
      this.#traced(permit).release()
      return
    }
    this.#controller = undefined
    this.#failures = 0
    this.#options.trace.queue({ kind: 'granted', waitedMs: this.#end() })
    this.#options.granted(this.#traced(permit))
  }

  #traced(permit: IdentifyPermit): IdentifyPermit {
    const { trace } = this.#options
    return {
      spend: () => {
        permit.spend()
        trace.queue({ kind: 'spent' })
      },
      release: () => {
        permit.release()
        trace.queue({ kind: 'released' })
      },
    }
  }

  #presentMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#options.clock.now() - this.#sinceMs
  }

  /** The wait is over: how long it took. */
  #end(): number {
    const waitedMs = this.#presentMs()
    this.#waitedMs += waitedMs
    this.#sinceMs = undefined
    return waitedMs
  }

  #refused(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#retry(error)
  }

  #retry(error: unknown): void {
    const ceilingMs = Math.min(retryMs.cap, retryMs.base * 2 ** this.#failures)
    this.#failures += 1
    const delayMs = ceilingMs * (0.5 + this.#options.random() / 2)
    this.#retryTimer = this.#options.clock.setTimeout(() => this.#ask(), delayMs)
    this.#options.trace.queue({ kind: 'failed', waitedMs: this.#presentMs(), error, retryMs: delayMs })
    this.#options.failed(error)
  }
}
