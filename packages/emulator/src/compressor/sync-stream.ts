/**
 * A node:zlib stream driven synchronously through its native handle, because the public stream hops through
 * the thread pool once a payload, and `_processChunk` destroys the context afterwards.
 */
interface NativeStream {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ): void
  } | null
  readonly _writeState: Uint32Array
}

function isNative(stream: object): stream is NativeStream {
  return '_handle' in stream && '_writeState' in stream
}

const scratch = Buffer.allocUnsafeSlow(256 * 1024)

/** Feeds `input` and returns all output up to the flush; throws if the stream was closed. */
export function writeSync(stream: object, input: Uint8Array, flush: number): Buffer {
  if (!isNative(stream)) throw new TypeError('twilight-emulator: this Node.js has no synchronous zlib handle')
  const { _handle: handle, _writeState: state } = stream
  if (handle === null) throw new Error('twilight-emulator: compressor is closed')
  const pieces: Buffer[] = []
  let offset = 0
  let left = input.length
  for (;;) {
    handle.writeSync(flush, input, offset, left, scratch, 0, scratch.length)
    const outputLeft = state[0] ?? 0
    const inputLeft = state[1] ?? 0
    const produced = scratch.length - outputLeft
    if (produced > 0) pieces.push(Buffer.from(scratch.subarray(0, produced)))
    offset += left - inputLeft
    left = inputLeft
    if (outputLeft !== 0) break
  }
  const [first] = pieces
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces)
}
