/** How often a bot may start sessions: `session_start_limit` of `/gateway/bot` (Discord docs, *Gateway*). */
export interface SessionStartLimit {
  /** Starts per period. */
  readonly total: number
  /** Starts left in this period. */
  readonly remaining: number
  /** Milliseconds until `remaining` returns to `total`. */
  readonly resetAfterMs: number
  /** Lanes: identifies per 5 s. */
  readonly maxConcurrency: number
}
