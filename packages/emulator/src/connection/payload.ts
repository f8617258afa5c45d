import type { SentDispatch } from '../session/replay-buffer.ts'

/** A dispatch on the wire, keys in the order `t, s, op, d` (rule E17). */
export function dispatchPayload({ type, sequence, body }: SentDispatch): Buffer {
  const head = `{"t":"${type}","s":${sequence}`
  const headLength = Buffer.byteLength(head)
  const payload = Buffer.allocUnsafe(headLength + body.length)
  payload.write(head, 0)
  payload.set(body, headLength)
  return payload
}

/** Any other opcode on the wire. */
export function opPayload(op: number, data: unknown): Buffer {
  return Buffer.from(`{"t":null,"s":null,"op":${op},"d":${JSON.stringify(data ?? null)}}`)
}
