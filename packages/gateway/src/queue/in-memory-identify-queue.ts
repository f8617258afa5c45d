import { systemClock, type Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { limits } from '../protocol/limits.ts'
import type { IdentifyPermit, IdentifyQueue } from './identify-queue.ts'
import type { SessionStartLimit } from './session-start-limit.ts'
import { StartBudget } from './start-budget.ts'

/** Wait before Discord is asked again for a limit that could not be read; doubled by every failure. */
const refetchRetryMs = { base: 5_000, cap: 300_000 }

export interface InMemoryIdentifyQueueOptions extends Partial<SessionStartLimit> {
  /** Length of a lane's window. Default 5,000, as Discord documents. */
  readonly windowMs?: number
  /** Added to the window, since Discord does not say when it starts. Default 250. */
  readonly slackMs?: number
  /** Asks `/gateway/bot` again when the budget's period is over. Default: the budget is then taken as full. */
  readonly refetch?: (signal: AbortSignal) => Promise<SessionStartLimit>
  readonly clock?: Clock
}

interface Waiter {
  readonly shardId: number
  readonly granted: (permit: IdentifyPermit) => void
}

/**
 * An identify queue for one process: `max_concurrency` lanes (`shard id % max_concurrency`), each with one permit out at
 * a time and one identify per window, measured from the send; first come, first served within a lane; and the daily
 * budget. One timer serves all lanes.
 */
export class InMemoryIdentifyQueue implements IdentifyQueue {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #refetch: InMemoryIdentifyQueueOptions['refetch']
  readonly #budget: StartBudget
  #maxConcurrency: number
  #waiters: Waiter[] = []
  /** Shard ids whose permits are out. */
  readonly #out = new Map<IdentifyPermit, number>()
  /** When each lane's window is over. */
  #freeAtMs = new Map<number, number>()
  #timer: unknown
  #isRefetching = false
  #refetchFailures = 0
  #refetchAtMs = 0

  constructor(options: InMemoryIdentifyQueueOptions = {}) {
    const { windowMs = limits.identifyWindowMs, slackMs = 250, total = 1_000 } = options
    this.#clock = options.clock ?? systemClock
    this.#windowMs = windowMs + slackMs
    this.#refetch = options.refetch
    this.#maxConcurrency = Math.max(1, options.maxConcurrency ?? 1)
    const { remaining = total, resetAfterMs = 0 } = options
    const limit = { total, remaining, resetAfterMs, maxConcurrency: this.#maxConcurrency }
    this.#budget = new StartBudget(limit, this.#clock.now())
  }

  /** Session starts left in this period, as far as this process knows. */
  get remaining(): number {
    return this.#budget.remaining
  }

  /** Session starts per period. */
  get total(): number {
    return this.#budget.total
  }

  /** When the period ends, on the clock given; Infinity if none has begun. */
  get resetAtMs(): number {
    return this.#budget.resetAtMs
  }

  /** Shards that wait. */
  get waiting(): number {
    return this.#waiters.length
  }

  acquire(shardId: number, signal: AbortSignal): Promise<IdentifyPermit> {
    const { promise, resolve, reject } = Promise.withResolvers<IdentifyPermit>()
    const aborted = (): void => {
      this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter)
      reject(
        new GatewayError('ABORTED', `shard ${shardId} no longer waits to identify`, {
          cause: signal.reason as unknown,
        }),
      )
    }
    const waiter: Waiter = {
      shardId,
      granted: (permit) => {
        signal.removeEventListener('abort', aborted)
        resolve(permit)
      },
    }
    if (signal.aborted) {
      aborted()
      return promise
    }
    signal.addEventListener('abort', aborted, { once: true })
    this.#waiters.push(waiter)
    this.#serve()
    return promise
  }

  /** Takes over a limit that Discord told, with those that wait sorted into the new lanes. */
  update(limit: SessionStartLimit): void {
    const latestMs = Math.max(0, ...this.#freeAtMs.values())
    const lanesChange = limit.maxConcurrency !== this.#maxConcurrency
    this.#maxConcurrency = Math.max(1, limit.maxConcurrency)
    this.#budget.update(limit, this.#clock.now())
    if (lanesChange) {
      // Which lane an old identify now counts against is unknown: all wait for the latest.
      const lanes = Array.from({ length: this.#maxConcurrency }, (_, lane) => [lane, latestMs] as const)
      this.#freeAtMs = new Map(lanes)
    }
    this.#serve()
  }

  /** Grants what can be granted now and sets the timer for what comes next. */
  #serve(): void {
    const nowMs = this.#clock.now()
    this.#clock.clearTimeout(this.#timer)
    if (this.#waiters.length === 0) return
    if (nowMs >= this.#budget.resetAtMs) this.#periodIsOver(nowMs)
    const busy = new Set([...this.#out.values()].map((shardId) => this.#laneOf(shardId)))
    let nextAtMs = Infinity
    const stillWaiting: Waiter[] = []
    const grants: Waiter[] = []
    for (const waiter of this.#waiters) {
      const lane = this.#laneOf(waiter.shardId)
      const freeAtMs = this.#freeAtMs.get(lane) ?? 0
      const isAffordable = this.#out.size + grants.length < this.#budget.remaining
      if (!busy.has(lane) && freeAtMs <= nowMs && isAffordable) {
        busy.add(lane)
        grants.push(waiter)
        continue
      }
      stillWaiting.push(waiter)
      if (!isAffordable) nextAtMs = Math.min(nextAtMs, Math.max(this.#budget.resetAtMs, this.#refetchAtMs))
      else if (!busy.has(lane)) nextAtMs = Math.min(nextAtMs, freeAtMs)
    }
    this.#waiters = stillWaiting
    if (nextAtMs < Infinity && !this.#isRefetching) {
      this.#timer = this.#clock.setTimeout(() => this.#serve(), Math.max(1, nextAtMs - nowMs))
    }
    for (const waiter of grants) waiter.granted(this.#permit(waiter.shardId))
  }

  #permit(shardId: number): IdentifyPermit {
    const settle = (isSpent: boolean): void => {
      if (!this.#out.delete(permit)) return
      const nowMs = this.#clock.now()
      if (isSpent) {
        this.#freeAtMs.set(this.#laneOf(shardId), nowMs + this.#windowMs)
        this.#budget.spend(nowMs)
      }
      this.#serve()
    }
    const permit: IdentifyPermit = { spend: () => settle(true), release: () => settle(false) }
    this.#out.set(permit, shardId)
    return permit
  }

  #periodIsOver(nowMs: number): void {
    if (this.#refetch === undefined) this.#budget.refill()
    else if (!this.#isRefetching && nowMs >= this.#refetchAtMs) {
      this.#isRefetching = true
      void this.#askAgain(this.#refetch)
    }
  }

  async #askAgain(refetch: (signal: AbortSignal) => Promise<SessionStartLimit>): Promise<void> {
    try {
      const limit = await refetch(new AbortController().signal)
      this.#refetchFailures = 0
      this.#isRefetching = false
      this.update(limit)
    } catch {
      // Without Discord's word nobody identifies; whoever waits sees it in the shard's phase.
      const delayMs = Math.min(refetchRetryMs.cap, refetchRetryMs.base * 2 ** this.#refetchFailures)
      this.#refetchFailures += 1
      this.#refetchAtMs = this.#clock.now() + delayMs
      this.#isRefetching = false
      this.#serve()
    }
  }

  #laneOf(shardId: number): number {
    return shardId % this.#maxConcurrency
  }
}
