/** How long a shard waits before it connects again. */
export interface BackoffOptions {
  /** The first ceiling; it doubles with every attempt. Default 1,000. */
  readonly baseMs: number
  /** The highest ceiling before a resume. Default 60,000. */
  readonly resumeCapMs: number
  /** The highest ceiling before an identify, which spends a daily budget. Default 480,000. */
  readonly identifyCapMs: number
  /** How long a connection must have been live for the ceilings to start over. Default 60,000. */
  readonly stableAfterMs: number
}

export const defaultBackoff: BackoffOptions = {
  baseMs: 1_000,
  resumeCapMs: 60_000,
  identifyCapMs: 480_000,
  stableAfterMs: 60_000,
}

/**
 * Exponential backoff with full jitter. It starts over only after a stable period: a session that becomes
 * ready and dies at once, again and again, has spent many a bot's daily identifies.
 */
export class Backoff {
  readonly #options: BackoffOptions
  #attempt = 0

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Reconnects since the last stable period. */
  get attempt(): number {
    return this.#attempt
  }

  /** A connection ended that had been live for so long (0 if it never was). */
  ended(liveForMs: number): void {
    if (liveForMs >= this.#options.stableAfterMs) this.#attempt = 0
  }

  /** The next wait; counts the attempt. `random` is in [0, 1). */
  next(isResume: boolean, random: number): number {
    const { baseMs, resumeCapMs, identifyCapMs } = this.#options
    const ceilingMs = Math.min(isResume ? resumeCapMs : identifyCapMs, baseMs * 2 ** this.#attempt)
    this.#attempt += 1
    return random * ceilingMs
  }
}
