/** What it takes to resume a session, in this process or another one. Plain data: store it as JSON. */
export interface GatewaySession {
  /** Discord's id of the session (32 hex digits). */
  readonly sessionId: string
  /** The sequence of the last event that needs no replay. */
  readonly sequence: number
  /** Where Discord wants the session resumed; `undefined` = the bootstrap URL. */
  readonly resumeUrl?: string | undefined
  /** The shard tuple is part of the session: it cannot be resumed under another one. */
  readonly shardId: number
  readonly shardCount: number
}

/** The live form of a session. */
export interface LiveSession {
  readonly sessionId: string
  sequence: number
  resumeUrl: string | undefined
}

/**
 * Accepts a `resume_gateway_url` or answers `undefined`, which means the bootstrap URL: it may be missing or
 * malformed, and must not lead from TLS to plain text.
 */
export function validResumeUrl(candidate: unknown, bootstrapUrl: string): string | undefined {
  if (typeof candidate !== 'string' || !URL.canParse(candidate)) return undefined
  const { protocol } = new URL(candidate)
  if (protocol === 'wss:') return candidate
  return protocol === 'ws:' && new URL(bootstrapUrl).protocol === 'ws:' ? candidate : undefined
}
