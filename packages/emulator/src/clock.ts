/** Time as the emulator sees it; every window, interval and time-to-live runs on it. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin. */
  now(): number
  /** Calls `callback` once after `delayMs`; returns a handle for {@link Clock.clearTimeout}. */
  setTimeout(callback: () => void, delayMs: number): unknown
  /** Forgets a timer; an unknown or spent handle is ignored. */
  clearTimeout(handle: unknown): void
}

/** The process's monotonic clock, with timers that do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clearTimeout: (handle) => {
    if (isTimer(handle)) clearTimeout(handle)
  },
}

function isTimer(handle: unknown): handle is NodeJS.Timeout {
  return typeof handle === 'object' && handle !== null
}

interface VirtualTimer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it, so that no test sleeps. */
export class VirtualClock implements Clock {
  #now = 0
  #order = 0
  readonly #timers = new Map<unknown, VirtualTimer>()

  /** Virtual milliseconds since construction. */
  now(): number {
    return this.#now
  }

  /** {@inheritDoc Clock.setTimeout} */
  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback }
    this.#timers.set(timer, timer)
    return timer
  }

  /** {@inheritDoc Clock.clearTimeout} */
  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle)
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time forward by `ms` and fires what falls due, in order, each at its own instant. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.callback()
    }
    this.#now = end
  }

  #next(end: number): VirtualTimer | undefined {
    let next: VirtualTimer | undefined
    for (const timer of this.#timers.values()) {
      if (timer.at > end) continue
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) {
        next = timer
      }
    }
    return next
  }
}
