import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { isObject } from '../json.ts'
import { CloseCode } from '../protocol/close-code.ts'
import type { Session } from '../session/session.ts'
import { rejectPayload } from './command.ts'
import type { CommandHandler } from './command.ts'

interface ResumePayload {
  readonly token: string
  readonly sessionId: string
  readonly sequence: number
}

/** Op 6: replay with the original sequences, then RESUMED, then live (rules E24–E28). */
export const resume: CommandHandler = (gateway, connection, data) => {
  if (connection.phase === 'live' || connection.phase === 'identifying') {
    gateway.reject(
      connection,
      'already-authenticated',
      'resume while authenticated',
      CloseCode.AlreadyAuthenticated,
    )
    return
  }
  const payload = parseResume(data)
  if (payload === undefined) {
    rejectPayload(gateway, connection, 'resume needs token, session_id and an integer seq')
    return
  }
  if (gateway.faults.outage !== undefined) {
    record(gateway, connection, payload, 'outage')
    const { answer = 'invalid-session' } = gateway.faults.outage
    if (answer === 'invalid-session') gateway.invalidate(connection, false)
    return
  }
  const session = gateway.findSession(payload.sessionId)
  if (session === undefined || gateway.botOfToken(payload.token, 'resume') !== session.bot) {
    refuse(gateway, connection, payload, session === undefined ? 'unknown session' : 'wrong token')
    return
  }
  const { switches } = gateway.settings
  if (switches.resumeMismatch === 'invalid-session' && !sameProtocol(session, connection)) {
    refuse(gateway, connection, payload, 'other v or encoding than the identify')
    return
  }
  if (payload.sequence > session.lastSequence) {
    record(gateway, connection, payload, 'invalid-seq')
    const message = `seq ${payload.sequence} was never sent, the last is ${session.lastSequence}`
    gateway.reject(connection, 'resume', message, CloseCode.InvalidSeq)
    return
  }
  const missed = session.missedAfter(payload.sequence)
  if (missed === undefined) {
    gateway.endSession(session, 'replay-overflow')
    if (switches.resumeTooOld === 'invalid-session') {
      refuse(gateway, connection, payload, 'seq is older than the buffer')
      return
    }
    record(gateway, connection, payload, 'seq is older than the buffer')
    connection.close(CloseCode.InvalidSeq)
    return
  }
  takeOver(gateway, session)
  gateway.attach(session, connection)
  connection.batch(() => {
    for (const dispatch of missed) connection.sendDispatch(dispatch)
    session.send('RESUMED', { _trace: gateway.trace() })
  })
  record(gateway, connection, payload, 'resumed', missed.length)
}

function parseResume(data: unknown): ResumePayload | undefined {
  if (!isObject(data)) return undefined
  const { token, session_id: sessionId, seq: sequence } = data
  if (typeof token !== 'string' || typeof sessionId !== 'string') return undefined
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0) return undefined
  return { token, sessionId, sequence }
}

function sameProtocol(session: Session, connection: Connection): boolean {
  return session.version === connection.record.version && session.encoding === connection.encoding
}

/** The newer socket wins; the older one is closed (rule E27). */
function takeOver(gateway: Gateway, session: Session): void {
  for (const other of gateway.connections) {
    if (other.session !== session) continue
    other.session = undefined
    other.close(gateway.settings.switches.takenOver)
  }
}

function refuse(gateway: Gateway, connection: Connection, payload: ResumePayload, reason: string): void {
  record(gateway, connection, payload, reason)
  gateway.invalidate(connection, false)
}

function record(
  gateway: Gateway,
  connection: Connection,
  payload: ResumePayload,
  outcome: string,
  replayed = 0,
): void {
  const resumed = {
    connection: connection.id,
    sessionId: payload.sessionId,
    sequence: payload.sequence,
    atMs: gateway.settings.clock.now(),
    outcome,
    replayed,
  }
  gateway.recorder.resumes.push(resumed)
  gateway.signals.emit('resume', resumed)
}
