import type { Inflater, InflaterOptions } from './inflater.ts'
import { NativeDecoder } from './native-decoder.ts'
import { zlibContextBytes } from './payload.ts'
import { PayloadDecoder } from './payload-decoder.ts'
import type { StreamDecoder } from './stream-decoder.ts'
import { hasInnerMarker, isMarker, tailAfter, noTail } from './sync-marker.ts'
import { loadZlibSync, ZlibSyncDecoder } from './zlib-sync-decoder.ts'

/**
 * `compress=zlib-stream`: one zlib stream for the whole connection, flushed after each payload. A payload may come in
 * several messages and ends with the flush marker `00 00 ff ff`, which may itself lie in two messages (Discord docs,
 * *Gateway*, Zlib-stream). Every message is decoded at once, so no compressed bytes pile up.
 */
export class ZlibStreamInflater implements Inflater {
  /** A marker within the payload's messages: mostly chance, but it may be the end of a payload glued to the next. */
  mayHoldSeveral = false
  readonly #decoder: StreamDecoder
  #tail = noTail
  /** A marker was seen within the payload that has begun. */
  #isMarked = false
  #isClosed = false
  #textBytes = 0
  #binaryBytes = 0

  /** @throws ConfigError CONFIG_INVALID if the library cannot be had */
  constructor(options: InflaterOptions, decoder: StreamDecoder = createDecoder(options)) {
    this.#decoder = decoder
  }

  inflate(message: Buffer, isBinary: boolean): Buffer | undefined {
    if (!isBinary) {
      this.#textBytes += message.length
      this.mayHoldSeveral = false
      return message
    }
    this.#binaryBytes += message.length
    this.#isMarked ||= hasInnerMarker(message, this.#tail)
    this.#tail = tailAfter(this.#tail, message)
    const isEnd = isMarker(this.#tail)
    const payload = this.#decoder.decode(message, isEnd, false)
    this.mayHoldSeveral = this.#isMarked
    if (isEnd) {
      this.#tail = noTail
      this.#isMarked = false
    }
    return payload
  }

  close(): void {
    this.#isClosed = true
    this.#decoder.close()
  }

  get bytesIn(): number {
    return this.#textBytes + this.#binaryBytes
  }

  get bytesOut(): number {
    return this.#textBytes + this.#decoder.bytesOut
  }

  get capacityBytes(): number {
    return this.#isClosed ? 0 : zlibContextBytes + this.#decoder.pendingCapacityBytes
  }
}

function createDecoder({ maxInflatedBytes, zlib = 'node' }: InflaterOptions): StreamDecoder {
  return zlib === 'node'
    ? new PayloadDecoder(new NativeDecoder('zlib'), maxInflatedBytes)
    : new ZlibSyncDecoder(loadZlibSync(), maxInflatedBytes)
}
