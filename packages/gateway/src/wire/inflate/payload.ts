import type { Inflater, InflaterOptions } from './inflater.ts'
import { NativeDecoder } from './native-decoder.ts'
import { PayloadDecoder } from './payload-decoder.ts'

/** Payload compression: text messages are payloads as they are, binary ones hold a whole zlib stream each. */
export class PayloadInflater implements Inflater {
  readonly mayHoldSeveral = false
  readonly #limitBytes: number
  #decoder: PayloadDecoder | undefined
  #textBytes = 0
  #binaryBytes = 0
  #isClosed = false

  constructor({ maxInflatedBytes }: InflaterOptions) {
    this.#limitBytes = maxInflatedBytes
  }

  inflate(message: Buffer, isBinary: boolean): Buffer | undefined {
    if (!isBinary) {
      this.#textBytes += message.length
      return message
    }
    this.#binaryBytes += message.length
    const decoder = this.#open()
    decoder.reset()
    return decoder.decode(message, true, true)
  }

  close(): void {
    this.#isClosed = true
    this.#decoder?.close()
  }

  get bytesIn(): number {
    return this.#textBytes + this.#binaryBytes
  }

  get bytesOut(): number {
    return this.#textBytes + (this.#decoder?.bytesOut ?? 0)
  }

  get capacityBytes(): number {
    return this.#decoder === undefined || this.#isClosed ? 0 : zlibContextBytes
  }

  /** The context is made with the first binary message: most bots of this mode get few. */
  #open(): PayloadDecoder {
    this.#decoder ??= new PayloadDecoder(new NativeDecoder('zlib'), this.#limitBytes)
    if (this.#isClosed) this.#decoder.close()
    return this.#decoder
  }
}

/** A window of 32 KiB and zlib's state (zlib's own figure for inflate). */
export const zlibContextBytes = (32 + 7) * 1024
