import { DecodeError } from '../../errors.ts'
import type { NativeDecoder } from './native-decoder.ts'
import type { StreamDecoder } from './stream-decoder.ts'

/**
 * One output buffer for all connections: decoding is synchronous, so only one needs it at a time. A payload that fits
 * is copied out; one that does not moves to a buffer of its own, which the caller then gets.
 */
const scratch = Buffer.allocUnsafeSlow(128 * 1024)
const nothing = Buffer.alloc(0)

/** Decodes compressed messages into whole payloads, never holding more than the limit. */
export class PayloadDecoder implements StreamDecoder {
  readonly #native: NativeDecoder
  readonly #limitBytes: number
  #pending: Buffer = nothing
  #pendingBytes = 0
  #failure: DecodeError | undefined
  /** Bytes decoded and handed out. */
  bytesOut = 0

  constructor(native: NativeDecoder, limitBytes: number) {
    this.#native = native
    this.#limitBytes = limitBytes
  }

  /** Bytes set aside for a payload that has begun. */
  get pendingCapacityBytes(): number {
    return this.#pending.length
  }

  /**
   * Decodes a part of a payload. Returns the payload with its last part, `undefined` before and if it is empty.
   * @throws DecodeError DECODE_INFLATE, DECODE_OVERSIZE; then again with every further call
   */
  decode(input: Buffer, isPayloadEnd: boolean, isStreamEnd: boolean): Buffer | undefined {
    if (this.#failure !== undefined) throw this.#failure
    try {
      return this.#decode(input, isPayloadEnd, isStreamEnd)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#failure = error
      this.close()
      throw error
    }
  }

  /** Begins a new stream. */
  reset(): void {
    this.#native.reset()
  }

  /** Frees the native context. */
  close(): void {
    this.#native.close()
    this.#pending = nothing
    this.#pendingBytes = 0
  }

  #decode(input: Buffer, isPayloadEnd: boolean, isStreamEnd: boolean): Buffer | undefined {
    const native = this.#native
    // One byte more than allowed is enough to see that there is more.
    const capacity = this.#limitBytes + 1
    let output = this.#pendingBytes === 0 ? scratch : this.#pending
    let length = this.#pendingBytes
    let consumed = 0
    for (;;) {
      const room = Math.min(output.length, capacity) - length
      native.write(input, consumed, output, length, room, isStreamEnd)
      length += room - native.outputLeft
      consumed = input.length - native.inputLeft
      if (length > this.#limitBytes) throw oversize(this.#limitBytes)
      // Output that is not full means that the decoder has nothing more to give.
      if (native.outputLeft > 0) break
      if (length === output.length) output = grown(output, length, capacity)
    }
    if (consumed < input.length) {
      throw new DecodeError('DECODE_INFLATE', 'compressed bytes go on behind the end of their stream')
    }
    return isPayloadEnd ? this.#finish(output, length) : this.#keep(output, length)
  }

  #finish(output: Buffer, length: number): Buffer | undefined {
    this.#pending = nothing
    this.#pendingBytes = 0
    if (length === 0) return undefined
    this.bytesOut += length
    if (output !== scratch) return output.subarray(0, length)
    const payload = Buffer.allocUnsafe(length)
    scratch.copy(payload, 0, 0, length)
    return payload
  }

  /** The scratch belongs to whoever decodes next. */
  #keep(output: Buffer, length: number): undefined {
    this.#pending = output === scratch && length > 0 ? grown(output, length, length) : output
    if (length === 0) this.#pending = nothing
    this.#pendingBytes = length
  }
}

function grown(buffer: Buffer, length: number, capacity: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(buffer.length * 2, capacity))
  buffer.copy(larger, 0, 0, length)
  return larger
}

/** The error of a payload above the limit. */
export function oversize(limitBytes: number): DecodeError {
  return new DecodeError('DECODE_OVERSIZE', `payload is larger than ${limitBytes} bytes when inflated`, {
    context: { limitBytes },
  })
}
