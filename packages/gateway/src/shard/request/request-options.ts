/** How to wait for replies. */
export interface RequestOptions {
  /** Longest wait for the next reply, in milliseconds; a lost connection and a full send window do not count. Default 15,000. */
  readonly timeoutMs?: number
  /** Ends the request with ABORTED. */
  readonly signal?: AbortSignal
}

export const defaultReplyTimeoutMs = 15_000
