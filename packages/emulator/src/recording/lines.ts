const lineFeed = 10

/** Longer than any payload that a gateway was seen to send. */
const maxLineBytes = 64 * 1024 * 1024

/**
 * The lines that each piece of a source completes, with their line feeds; what follows the last one comes without. Holds
 * one piece and one line at a time.
 * @throws RangeError for a line above 64 MiB.
 */
export async function* readLines(source: AsyncIterable<unknown>): AsyncGenerator<readonly string[]> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const piece of source) {
    const lines: string[] = []
    let rest = bytesOf(piece)
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      lines.push(Buffer.concat([...held, rest.subarray(0, end + 1)]).toString())
      held = []
      heldBytes = 0
      rest = rest.subarray(end + 1)
    }
    if (lines.length > 0) yield lines
    heldBytes += rest.length
    if (heldBytes > maxLineBytes) {
      throw new RangeError(`twilight-emulator: a line of the recording is longer than ${maxLineBytes} bytes`)
    }
    if (rest.length > 0) held.push(rest)
  }
  if (held.length > 0) yield [Buffer.concat(held).toString()]
}

function bytesOf(piece: unknown): Buffer {
  if (Buffer.isBuffer(piece)) return piece
  if (typeof piece === 'string') return Buffer.from(piece)
  if (piece instanceof Uint8Array) return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  throw new TypeError(`twilight-emulator: a recording is bytes or text, not ${typeof piece}`)
}
