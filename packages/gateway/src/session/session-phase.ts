/**
 * Where the session machine stands.
 *
 * ```
 *  idle ─start─▶ connecting ─opened─▶ opened ─HELLO─┬─ no session ─▶ queued ─permit─▶ identifying ─READY─▶ live
 *                    ▲                              └─ session ────▶ resuming ──────────────RESUMED─────▶ live
 *                 waiting ◀─closed─ closing ◀── op 7, op 9, zombie, deadline, undecodable, stop ── any of these
 *                    ▲                 └─ closed and stop asked ─▶ stopped ◀── fatal close code ── any of these
 *                    └────────────────────── closed by the peer or the network ──────────────────── any of these
 * ```
 */
export type SessionPhase =
  /** Not started. */
  | 'idle'
  /** Between two connections, until the backoff or the wait after op 9 is over. */
  | 'waiting'
  /** A socket is being opened. */
  | 'connecting'
  /** The socket is open; HELLO has not come. */
  | 'opened'
  /** Waiting for an identify permit, beating already. */
  | 'queued'
  /** IDENTIFY is sent; READY has not come. */
  | 'identifying'
  /** RESUME is sent; the replay has not ended. */
  | 'resuming'
  /** READY or RESUMED came: events flow and commands leave. */
  | 'live'
  /** We close the connection and wait for its end. */
  | 'closing'
  /** Stopped for good. */
  | 'stopped'

/** Phases with an open socket that is not being closed. */
export const connectedPhases: ReadonlySet<SessionPhase> = new Set([
  'opened',
  'queued',
  'identifying',
  'resuming',
  'live',
])
