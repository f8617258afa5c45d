import { DecodeError } from '../errors.ts'

/** A payload that is not what its encoding allows. What it holds is not shown: it may be secret. */
export function malformed(what: string, bytes: Buffer, at: number, cause?: unknown): DecodeError {
  return new DecodeError(
    'DECODE_PAYLOAD',
    `payload of ${bytes.length} bytes is malformed at byte ${at}: ${what}`,
    {
      context: { payloadBytes: bytes.length, at },
      cause,
    },
  )
}
