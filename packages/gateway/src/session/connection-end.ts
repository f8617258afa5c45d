import { DecodeError, FatalCloseError, type ClosedError, type GatewayError } from '../errors.ts'
import { closeCodeText, closeVerdict } from '../protocol/close-codes.ts'
import type { DisconnectCause } from './lifecycle.ts'
import type { SessionPhase } from './session-phase.ts'

/** How a connection ended and what follows. */
export interface ConnectionEnd {
  readonly cause: DisconnectCause
  readonly error?: GatewayError | undefined
  /** The session is void: forget it and identify. */
  readonly voidsSession?: boolean
  /** Skip the first wait of the backoff. */
  readonly immediate?: boolean
  /** Wait at least this long. */
  readonly minDelayMs?: number
  /** Do not connect again; stop with this reason. */
  readonly stop?: ClosedError
}

/** The longest `Retry-After` of a refused upgrade that is obeyed. */
const longestRetryAfterMs = 600_000

/** What to make of a connection that ended without our doing. */
export function judgeClose(
  phase: SessionPhase,
  code: number,
  reason: string,
  error: GatewayError | undefined,
): ConnectionEnd {
  if (error instanceof DecodeError) return { cause: 'decode', error }
  if (phase === 'connecting') {
    return { cause: 'connect-failed', error, minDelayMs: retryAfterMs(error) }
  }
  const verdict = closeVerdict(code)
  if (verdict === 'fatal') {
    const stop = new FatalCloseError(code, closeCodeText(code, reason))
    return { cause: 'close-code', error: stop, stop, voidsSession: true }
  }
  if (verdict === 'new-session') return { cause: 'close-code', voidsSession: true, immediate: true }
  return { cause: code === 1006 ? 'network' : 'close-code', error }
}

/** How long a server that refused the upgrade asks to wait. */
function retryAfterMs(error: GatewayError | undefined): number {
  const askedMs = error?.context['retryAfterMs']
  return typeof askedMs === 'number' ? Math.min(askedMs, longestRetryAfterMs) : 0
}
