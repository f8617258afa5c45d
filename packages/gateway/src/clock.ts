/** Time as the library sees it; tests inject a virtual one. */
export interface Clock {
  /** Milliseconds from an arbitrary origin; never goes back. */
  now(): number
  /** Calls back once after `delayMs`; the returned handle cancels it. */
  setTimeout(callback: () => void, delayMs: number): unknown
  /** Cancels a timer; a handle that already fired is ignored. */
  clearTimeout(handle: unknown): void
}

/** The longest delay that Node's timers take; longer waits are cut and asked again. */
export const longestTimerMs = 2 ** 31 - 1

/** The process's monotonic clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(Math.max(delayMs, 0), longestTimerMs)),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
}
