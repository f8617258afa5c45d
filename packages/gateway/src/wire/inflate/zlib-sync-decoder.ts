import { ConfigError, DecodeError } from '../../errors.ts'
import { optionalPeer } from '../optional-peer.ts'
import { oversize } from './payload-decoder.ts'
import type { StreamDecoder } from './stream-decoder.ts'

/** What is used of the package zlib-sync. */
export interface ZlibSync {
  readonly Inflate: new (options: { readonly chunkSize: number }) => ZlibSyncInflate
}

interface ZlibSyncInflate {
  /** Below 0: an error. */
  readonly err: number
  readonly msg: string | null
  /** What the last push gave, as bytes of our own; null after an error. */
  readonly result: Buffer | string | null
  push(input: Buffer, flush: number): void
}

const code = { ok: 0, bufferError: -5 } as const
const syncFlush = 2
const chunkBytes = 64 * 1024
/** No stream of DEFLATE grows by more (zlib's *Technical Details*). */
const mostGrowth = 1_032
const smallestSliceBytes = 1024

/**
 * Loads the package.
 * @throws ConfigError CONFIG_INVALID if it is not installed
 */
export function loadZlibSync(): ZlibSync {
  const peer = optionalPeer('zlib-sync', 'zlib')
  if (typeof peer === 'object' && peer !== null && 'Inflate' in peer) return peer as ZlibSync
  throw ConfigError.option('zlib', 'zlib-sync', 'a package with a class Inflate: install zlib-sync 0.1.10')
}

/**
 * The package zlib-sync. It gives whatever an input makes, however much that is, so large inputs are fed in slices that
 * cannot make much more than the limit. What it holds natively for a stream it never frees.
 */
export class ZlibSyncDecoder implements StreamDecoder {
  bytesOut = 0
  readonly #limitBytes: number
  readonly #sliceBytes: number
  #inflate: ZlibSyncInflate | undefined
  #failure: DecodeError | undefined
  #parts: Buffer[] = []
  #partsBytes = 0
  /** Its output buffer grows with the largest output and never shrinks. */
  #outputBytes = chunkBytes

  constructor({ Inflate }: ZlibSync, limitBytes: number) {
    this.#inflate = new Inflate({ chunkSize: chunkBytes })
    this.#limitBytes = limitBytes
    this.#sliceBytes = Math.max(smallestSliceBytes, Math.ceil(limitBytes / mostGrowth))
  }

  get pendingCapacityBytes(): number {
    return this.#inflate === undefined ? 0 : this.#outputBytes + this.#partsBytes
  }

  decode(input: Buffer, isPayloadEnd: boolean): Buffer | undefined {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#inflate === undefined)
      throw new DecodeError('DECODE_INFLATE', 'cannot inflate: the decoder is closed')
    try {
      for (let at = 0; at < input.length; at += this.#sliceBytes) {
        const slice = input.length <= this.#sliceBytes ? input : input.subarray(at, at + this.#sliceBytes)
        this.#push(this.#inflate, slice)
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#failure = error
      this.close()
      throw error
    }
    return isPayloadEnd ? this.#finish() : undefined
  }

  close(): void {
    this.#inflate = undefined
    this.#parts = []
    this.#partsBytes = 0
  }

  #push(inflate: ZlibSyncInflate, slice: Buffer): void {
    inflate.push(slice, syncFlush)
    const { err } = inflate
    // It says so when an input made nothing, too.
    if (err === code.bufferError) return
    const { result } = inflate
    if (err !== code.ok || typeof result === 'string' || result === null) {
      // The end of the stream is no error of zlib's, but a gateway's stream has none.
      throw new DecodeError('DECODE_INFLATE', `compressed bytes are corrupt: ${inflate.msg ?? `code ${err}`}`)
    }
    if (result.length === 0) return
    this.#parts.push(result)
    this.#partsBytes += result.length
    this.#outputBytes = Math.max(this.#outputBytes, result.length)
    if (this.#partsBytes > this.#limitBytes) throw oversize(this.#limitBytes)
  }

  #finish(): Buffer | undefined {
    const parts = this.#parts
    const [first] = parts
    if (first === undefined) return undefined
    this.bytesOut += this.#partsBytes
    this.#parts = []
    this.#partsBytes = 0
    return parts.length === 1 ? first : Buffer.concat(parts)
  }
}
