/** WebSocket frame opcodes that the server sends itself. Source: RFC 6455, 5.2. */
export const FrameKind = { Continuation: 0x0, Text: 0x1, Binary: 0x2, Close: 0x8 } as const

/** One of the values of {@link FrameKind}. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/** Length of an unmasked frame's header in front of `length` payload bytes. */
export function headerBytes(length: number): number {
  if (length < 126) return 2
  return length < 65_536 ? 4 : 10
}

/** Writes an unmasked frame header at `offset`; returns the offset behind it. */
export function writeHeader(
  target: Buffer,
  offset: number,
  kind: FrameKind,
  length: number,
  final = true,
): number {
  target[offset] = (final ? 0x80 : 0) | kind
  if (length < 126) {
    target[offset + 1] = length
    return offset + 2
  }
  if (length < 65_536) {
    target[offset + 1] = 126
    return target.writeUInt16BE(length, offset + 2)
  }
  target[offset + 1] = 127
  target.writeUInt32BE(0, offset + 2)
  return target.writeUInt32BE(length, offset + 6)
}

/** A whole frame. */
export function frame(kind: FrameKind, payload: Uint8Array, final = true): Buffer {
  const header = headerBytes(payload.length)
  const bytes = Buffer.allocUnsafe(header + payload.length)
  writeHeader(bytes, 0, kind, payload.length, final)
  bytes.set(payload, header)
  return bytes
}

/** A close frame with any code, reserved and unknown ones included. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, 123)
  const payload = Buffer.allocUnsafe(2 + text.length)
  payload.writeUInt16BE(code, 0)
  payload.set(text, 2)
  return frame(FrameKind.Close, payload)
}

/** Cuts `payload` into at most `count` pieces that are not empty. */
export function pieces(payload: Buffer, count: number): Buffer[] {
  const size = Math.max(1, Math.ceil(payload.length / Math.max(1, count)))
  const cut: Buffer[] = []
  for (let start = 0; start < payload.length; start += size) cut.push(payload.subarray(start, start + size))
  return cut
}
