import type { SentDispatch } from '../session/replay-buffer.ts'
import { FrameKind, headerBytes, writeHeader } from './frame.ts'

/** A dispatch on the wire, keys in the order `t, s, op, d` (rule E17). */
export function dispatchPayload(dispatch: SentDispatch): Buffer {
  return Buffer.concat([Buffer.from(head(dispatch)), dispatch.body])
}

/** The text frame of a dispatch up to its body, which follows as it is. */
export function dispatchFrameHead(dispatch: SentDispatch): Buffer {
  const text = head(dispatch)
  const length = Buffer.byteLength(text)
  const payloadLength = length + dispatch.body.length
  const bytes = Buffer.allocUnsafe(headerBytes(payloadLength) + length)
  bytes.write(text, writeHeader(bytes, 0, FrameKind.Text, payloadLength))
  return bytes
}

function head({ type, sequence }: SentDispatch): string {
  return `{"t":"${type}","s":${sequence}`
}

/** Any other opcode on the wire. */
export function opPayload(op: number, data: unknown): Buffer {
  return Buffer.from(`{"t":null,"s":null,"op":${op},"d":${JSON.stringify(data ?? null)}}`)
}
