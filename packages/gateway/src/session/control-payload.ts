import { DecodeError } from '../errors.ts'

/** What the machine reads from READY; the event itself goes on to the user untouched. */
export interface ReadyFacts {
  readonly sessionId: string
  readonly resumeUrl: unknown
}

/** `heartbeat_interval` of a HELLO, in milliseconds. @throws DecodeError DECODE_PAYLOAD */
export function parseHello(payload: Buffer): number {
  const intervalMs = parseData(payload, 'HELLO')['heartbeat_interval']
  if (typeof intervalMs === 'number' && Number.isFinite(intervalMs) && intervalMs > 0) return intervalMs
  throw new DecodeError('DECODE_PAYLOAD', `HELLO carries no usable heartbeat_interval: ${String(intervalMs)}`)
}

/** The session of a READY. @throws DecodeError DECODE_PAYLOAD */
export function parseReady(payload: Buffer): ReadyFacts {
  const data = parseData(payload, 'READY')
  const sessionId = data['session_id']
  if (typeof sessionId !== 'string') throw new DecodeError('DECODE_PAYLOAD', 'READY carries no session_id')
  return { sessionId, resumeUrl: data['resume_gateway_url'] }
}

/** Whether an INVALID_SESSION says that the session may be resumed. @throws DecodeError DECODE_PAYLOAD */
export function parseInvalidSession(payload: Buffer): boolean {
  return parseEnvelope(payload, 'INVALID_SESSION')['d'] === true
}

function parseData(payload: Buffer, name: string): Record<string, unknown> {
  const data = parseEnvelope(payload, name)['d']
  if (typeof data === 'object' && data !== null) return data as Record<string, unknown>
  throw new DecodeError('DECODE_PAYLOAD', `${name} carries no object in d`)
}

function parseEnvelope(payload: Buffer, name: string): Record<string, unknown> {
  try {
    return JSON.parse(payload.toString()) as Record<string, unknown>
  } catch (cause) {
    throw new DecodeError('DECODE_PAYLOAD', `${name} is not valid JSON`, { cause })
  }
}
