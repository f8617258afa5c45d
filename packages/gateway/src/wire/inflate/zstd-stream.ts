import type { Inflater, InflaterOptions } from './inflater.ts'
import { NativeDecoder } from './native-decoder.ts'
import { PayloadDecoder } from './payload-decoder.ts'

/**
 * `compress=zstd-stream`: one zstd frame that never ends, flushed after each payload; every message is exactly one
 * payload (Discord docs, *Gateway*, Zstd-stream).
 */
export class ZstdStreamInflater implements Inflater {
  readonly mayHoldSeveral = false
  readonly #decoder: PayloadDecoder
  #windowBytes = 0
  #textBytes = 0
  #binaryBytes = 0

  constructor({ maxInflatedBytes }: InflaterOptions) {
    this.#decoder = new PayloadDecoder(new NativeDecoder('zstd'), maxInflatedBytes)
  }

  inflate(message: Buffer, isBinary: boolean): Buffer | undefined {
    if (!isBinary) {
      this.#textBytes += message.length
      return message
    }
    if (this.#binaryBytes === 0) this.#windowBytes = windowBytes(message)
    this.#binaryBytes += message.length
    return this.#decoder.decode(message, true, false)
  }

  close(): void {
    this.#decoder.close()
    this.#windowBytes = 0
  }

  get bytesIn(): number {
    return this.#textBytes + this.#binaryBytes
  }

  get bytesOut(): number {
    return this.#textBytes + this.#decoder.bytesOut
  }

  get capacityBytes(): number {
    return this.#windowBytes
  }
}

/** The window that a frame header asks for (RFC 8878, section 3.1.1.1.2); 0 if there is none. */
function windowBytes(message: Buffer): number {
  const [, , , , descriptor = 0, window = 0] = message
  const isSingleSegment = (descriptor & 0x20) !== 0
  if (isSingleSegment || message.length < 6) return 0
  const base = 2 ** (10 + (window >> 3))
  return base + (base / 8) * (window & 7)
}
