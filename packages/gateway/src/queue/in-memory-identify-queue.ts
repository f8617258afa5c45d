import { systemClock, type Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { limits } from '../protocol/limits.ts'
import type { IdentifyPermit, IdentifyQueue } from './identify-queue.ts'
import { LimitRefetch, type AskForLimit } from './limit-refetch.ts'
import type { SessionStartLimit } from './session-start-limit.ts'
import { dayMs, StartBudget } from './start-budget.ts'

/** Options of a queue. The limit defaults to 1,000 starts a day, none of them used, in one lane. */
export interface InMemoryIdentifyQueueOptions extends Partial<SessionStartLimit> {
  /** Length of a lane's window. Default 5,000, as Discord documents. */
  readonly windowMs?: number
  /**
   * Added to the window, which Discord counts from when the identify arrives: the first may take longer to it than the
   * second. Default 125: more than paths differ by within seconds. Every millisecond of it lengthens the start of a
   * large bot once per group, so that 125 costs 2.5 %, and a lost packet (200 ms and more) it could not cover anyway.
   */
  readonly slackMs?: number
  /**
   * Asks `/gateway/bot` again when the budget's period is over; while that fails, what is left of the old period may
   * be used and nothing else. Default: the budget is then taken as full.
   */
  readonly refetch?: AskForLimit
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
  readonly #refetch: LimitRefetch | undefined
  readonly #budget: StartBudget
  #maxConcurrency: number
  #waiters: Waiter[] = []
  /** Shard ids whose permits are out. */
  readonly #out = new Map<IdentifyPermit, number>()
  /** When each lane's window is over. */
  #freeAtMs = new Map<number, number>()
  #timer: unknown
  /** Permits spent so far. */
  #spent = 0

  constructor(options: InMemoryIdentifyQueueOptions = {}) {
    const { windowMs = limits.identifyWindowMs, slackMs = 125, total = 1_000 } = options
    this.#clock = options.clock ?? systemClock
    this.#windowMs = windowMs + slackMs
    this.#refetch = options.refetch && new LimitRefetch(options.refetch, this.#clock)
    this.#maxConcurrency = Math.max(1, options.maxConcurrency ?? 1)
    const { remaining = total, resetAfterMs = remaining < total ? dayMs : 0 } = options
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
      if (this.#waiters.length === 0) this.#rest()
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
    // An answer on its way is older than this.
    this.#refetch?.cancel()
    this.#takeOver(limit)
  }

  #takeOver(limit: SessionStartLimit): void {
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
    this.#endPeriod(nowMs)
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
      if (!isAffordable) nextAtMs = Math.min(nextAtMs, this.#moreAtMs)
      else if (!busy.has(lane)) nextAtMs = Math.min(nextAtMs, freeAtMs)
    }
    this.#waiters = stillWaiting
    if (nextAtMs < Infinity) {
      this.#timer = this.#clock.setTimeout(() => this.#serve(), Math.max(1, nextAtMs - nowMs))
    }
    for (const waiter of grants) waiter.granted(this.#permit(waiter.shardId))
  }

  #permit(shardId: number): IdentifyPermit {
    const settle = (isSpent: boolean): void => {
      if (!this.#out.delete(permit)) return
      if (isSpent) this.#spend(this.#laneOf(shardId))
      this.#serve()
    }
    const permit: IdentifyPermit = { spend: () => settle(true), release: () => settle(false) }
    this.#out.set(permit, shardId)
    return permit
  }

  #spend(lane: number): void {
    const nowMs = this.#clock.now()
    this.#freeAtMs.set(lane, nowMs + this.#windowMs)
    // A start after the end of a period belongs to the next one.
    if (this.#refetch === undefined) this.#endPeriod(nowMs)
    this.#budget.spend(nowMs)
    this.#spent += 1
  }

  /** When the budget may hold more than now, as far as known. */
  get #moreAtMs(): number {
    return Math.max(this.#budget.resetAtMs, this.#refetch?.atMs ?? 0)
  }

  #endPeriod(nowMs: number): void {
    if (nowMs < this.#moreAtMs) return
    if (this.#refetch === undefined) {
      this.#budget.refill()
      return
    }
    const spentBefore = this.#spent
    this.#refetch.begin(
      // Whether Discord counted what was sent while it answered is unknown: better twice than not at all.
      (limit) => this.#takeOver({ ...limit, remaining: limit.remaining - (this.#spent - spentBefore) }),
      () => this.#serve(),
    )
  }

  /** Nobody waits: nothing may keep the process alive. */
  #rest(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#refetch?.cancel()
  }

  #laneOf(shardId: number): number {
    return shardId % this.#maxConcurrency
  }
}
