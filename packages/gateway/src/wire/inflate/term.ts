import { DecodeError } from '../../errors.ts'
import { Tag, termVersion, uint32 } from '../etf/terms.ts'
import type { Inflater, InflaterOptions } from './inflater.ts'
import { NoneInflater } from './none.ts'
import { PayloadInflater } from './payload.ts'

// The first byte of a zlib stream with a window of 32 KiB (RFC 1950); no term begins so.
const zlibMethod = 0x78
// The version byte, the tag and the size of what is compressed.
const headerBytes = 6

/**
 * `encoding=etf` without a transport compression: terms as they come, and compressed ones, which IDENTIFY's
 * `compress: true` asks for. Discord documents that for JSON alone; of terms both ways are read: Erlang's own, which is
 * 131, 80, the size of the term when inflated and a zlib stream of it, and a zlib stream of the whole payload.
 */
export class TermInflater implements Inflater {
  readonly mayHoldSeveral = false
  readonly #limitBytes: number
  readonly #plain = new NoneInflater()
  readonly #compressed: PayloadInflater
  #headerBytes = 0
  #versionBytes = 0

  constructor(options: InflaterOptions) {
    this.#limitBytes = options.maxInflatedBytes
    this.#compressed = new PayloadInflater(options)
  }

  inflate(message: Buffer): Buffer | undefined {
    if (message[0] === zlibMethod) return this.#compressed.inflate(message, true)
    if (message[0] !== termVersion || message[1] !== Tag.Compressed) return this.#plain.inflate(message)
    const announced = uint32(message, 2)
    if (announced >= this.#limitBytes) throw oversize(announced, this.#limitBytes)
    this.#headerBytes += Math.min(headerBytes, message.length)
    this.#versionBytes += 1
    const term = this.#compressed.inflate(message.subarray(headerBytes), true)
    if (term?.length !== announced) {
      const found = term?.length ?? 0
      throw new DecodeError(
        'DECODE_INFLATE',
        `a compressed term of ${announced} bytes has ${found} when inflated`,
      )
    }
    const payload = Buffer.allocUnsafe(announced + 1)
    payload[0] = termVersion
    term.copy(payload, 1)
    return payload
  }

  close(): void {
    this.#compressed.close()
  }

  get bytesIn(): number {
    return this.#plain.bytesIn + this.#headerBytes + this.#compressed.bytesIn
  }

  get bytesOut(): number {
    return this.#plain.bytesOut + this.#versionBytes + this.#compressed.bytesOut
  }

  get capacityBytes(): number {
    return this.#compressed.capacityBytes
  }
}

function oversize(announced: number, limitBytes: number): DecodeError {
  return new DecodeError(
    'DECODE_OVERSIZE',
    `a compressed term announces ${announced} bytes, the limit is ${limitBytes}`,
    { context: { limitBytes } },
  )
}
