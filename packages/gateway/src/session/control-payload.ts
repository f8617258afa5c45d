import { DecodeError } from '../errors.ts'
import type { PayloadCodec } from '../wire/codec.ts'
import type { Header } from '../wire/header.ts'

/** What the machine reads from READY; the event itself goes on to the user untouched. */
export interface ReadyFacts {
  readonly sessionId: string
  readonly resumeUrl: unknown
}

/** The data of a payload that steers the session. @throws DecodeError DECODE_PAYLOAD */
export function readData(codec: PayloadCodec, header: Header, payload: Buffer): unknown {
  if (header.dataStart < 0) return undefined
  try {
    return codec.parse(payload, header.dataStart, header.dataEnd)
  } catch (cause) {
    const name = header.type === '' ? `op ${header.op}` : header.type
    throw new DecodeError('DECODE_PAYLOAD', `the data of ${name} is not valid ${codec.encoding}`, { cause })
  }
}

/** `heartbeat_interval` in the data of a HELLO, in milliseconds. @throws DecodeError DECODE_PAYLOAD */
export function readHello(data: unknown): number {
  const intervalMs = field(data, 'heartbeat_interval')
  if (typeof intervalMs === 'number' && Number.isFinite(intervalMs) && intervalMs > 0) return intervalMs
  throw new DecodeError('DECODE_PAYLOAD', `HELLO carries no usable heartbeat_interval: ${String(intervalMs)}`)
}

/** The session in the data of a READY. @throws DecodeError DECODE_PAYLOAD */
export function readReady(data: unknown): ReadyFacts {
  const sessionId = field(data, 'session_id')
  if (typeof sessionId !== 'string') throw new DecodeError('DECODE_PAYLOAD', 'READY carries no session_id')
  return { sessionId, resumeUrl: field(data, 'resume_gateway_url') }
}

function field(data: unknown, key: string): unknown {
  return typeof data === 'object' && data !== null ? Reflect.get(data, key) : undefined
}
