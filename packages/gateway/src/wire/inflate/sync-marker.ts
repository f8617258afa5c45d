/**
 * The marker of a zlib sync flush, `00 00 ff ff`: the empty stored block that ends each payload of a zlib-stream.
 * A tail is the last four bytes of a byte stream as one unsigned number.
 */
const marker = 0x0000ffff
const markerBytes = Buffer.from([0, 0, 0xff, 0xff])

/** The tail of a stream that has not begun. */
export const noTail = 0xffffffff

/** Whether a tail is the marker. */
export function isMarker(tail: number): boolean {
  return tail === marker
}

/** The tail of a stream after one more message. */
export function tailAfter(tail: number, message: Buffer): number {
  const { length } = message
  if (length >= 4) return message.readUInt32BE(length - 4)
  for (const byte of message) tail = ((tail << 8) | byte) >>> 0
  return tail
}

/** Whether a marker ends in the message before the message does; it may begin in what came before. */
export function hasInnerMarker(message: Buffer, tail: number): boolean {
  const { length } = message
  for (let at = 0; tail !== noTail && at < 3 && at < length - 1; at += 1) {
    tail = ((tail << 8) | (message[at] ?? 0)) >>> 0
    if (isMarker(tail)) return true
  }
  const last = length - 1
  // The search of the runtime is faster, but to call it costs more than most messages have bytes.
  if (length > 512) {
    const found = message.indexOf(markerBytes)
    return found !== -1 && found + 4 <= last
  }
  // Boyer-Moore-Horspool: what the fourth byte is tells how far the marker can be moved on.
  for (let at = 3; at < last;) {
    const byte = message[at]
    if (byte === 0xff) {
      if (message[at - 1] === 0xff && message[at - 2] === 0 && message[at - 3] === 0) return true
      at += 1
    } else {
      at += byte === 0 ? 2 : 4
    }
  }
  return false
}
