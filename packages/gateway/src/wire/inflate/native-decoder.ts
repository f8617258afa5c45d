import { constants, createInflate, createZstdDecompress } from 'node:zlib'

import { ConfigError, DecodeError } from '../../errors.ts'

/** The formats that the native decoder knows. */
export type Format = 'zlib' | 'zstd'

/** What lies under a zlib stream of Node: internal, the same from Node 22.15 to 26, and probed before use. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void
  reset(): void
  close(): void
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'writeSync' in value && 'onerror' in value
}

/** 8 MiB: what a decoder may be made to hold at most. Discord's window is 256 KiB (captured) or less. */
const windowLogMax = 23
// Node's own output buffer, which we do not use, as small as it may be.
const chunkSize = 64

const create: Readonly<Record<Format, () => object>> = {
  zlib: () => createInflate({ chunkSize }),
  zstd: () => createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: windowLogMax } }),
}

/** How to write: the flag for a stream that goes on, and that for one that must end with this input. */
const flags: Readonly<Record<Format, { readonly more: number; readonly end: number }>> = {
  zlib: { more: constants.Z_SYNC_FLUSH, end: constants.Z_FINISH },
  zstd: { more: constants.ZSTD_e_continue, end: constants.ZSTD_e_end },
}

/**
 * Node's own zlib or zstd decoder, written to synchronously: an asynchronous one costs a thread hop per message, ten
 * times the work itself. The only place that touches Node's internals.
 */
export class NativeDecoder {
  readonly #flags: (typeof flags)[Format]
  readonly #handle: Handle
  /** After a write: output left free, input left over. */
  readonly #state: Uint32Array
  #error: string | undefined
  #isClosed = false

  /** @throws ConfigError CONFIG_INVALID if this runtime has no such decoder */
  constructor(format: Format) {
    probe(format)
    const stream = create[format]()
    const handle: unknown = Reflect.get(stream, '_handle')
    const state: unknown = Reflect.get(stream, '_writeState')
    if (!isHandle(handle) || !(state instanceof Uint32Array)) throw new TypeError('no synchronous decoder')
    this.#flags = flags[format]
    this.#handle = handle
    this.#state = state
    // Replaces the handler that would destroy the stream and emit 'error' on it.
    Object.assign(handle, {
      onerror: (message: string) => {
        this.#error = message
      },
    })
  }

  /**
   * Decodes from `input` into `output`, as far as either goes; then `inputLeft` and `outputLeft` hold. With `isLast`
   * the stream must end with this input.
   * @throws DecodeError DECODE_INFLATE
   */
  write(
    input: Uint8Array,
    inputOffset: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
    isLast: boolean,
  ): void {
    // The native side aborts the process on a write after close.
    if (this.#isClosed) throw new DecodeError('DECODE_INFLATE', 'cannot inflate: the decoder is closed')
    const flush = isLast ? this.#flags.end : this.#flags.more
    const inputLength = input.length - inputOffset
    this.#handle.writeSync(flush, input, inputOffset, inputLength, output, outputOffset, outputLength)
    if (this.#error === undefined) return
    throw new DecodeError('DECODE_INFLATE', `compressed bytes are corrupt: ${this.#error}`)
  }

  get outputLeft(): number {
    return this.#state[0] ?? 0
  }

  get inputLeft(): number {
    return this.#state[1] ?? 0
  }

  /** Begins a new stream. */
  reset(): void {
    if (!this.#isClosed) this.#handle.reset()
  }

  /** Frees the native context. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#handle.close()
  }
}

/** The text `twilight`. */
const samples: Readonly<Record<Format, string>> = {
  zlib: '789c2b29cfccc94ccf2801000f98036d',
  zstd: '28b52ffd00004100007477696c69676874',
}
const probed = new Set<Format>()

/**
 * Decodes a known stream into an output that is too small for it, once per format: internals may change with any
 * release, and then nothing must be decoded wrongly.
 */
function probe(format: Format): void {
  if (probed.has(format)) return
  probed.add(format)
  let seen: unknown
  try {
    const decoder = new NativeDecoder(format)
    const input = Buffer.from(samples[format], 'hex')
    const output = Buffer.alloc(10)
    decoder.write(input, 0, output, 0, 3, false)
    const isFull = decoder.outputLeft === 0
    decoder.write(input, input.length - decoder.inputLeft, output, 3, 7, false)
    seen = `${isFull} ${decoder.inputLeft} ${decoder.outputLeft} ${output.toString('latin1', 0, 8)}`
    decoder.close()
  } catch (error) {
    seen = error
  }
  if (seen === 'true 0 2 twilight') return
  probed.delete(format)
  throw new ConfigError(
    'CONFIG_INVALID',
    `option compression cannot be ${format}-stream on Node ${process.versions.node}: its ${format} decoder is missing or ` +
      "works in another way than Node 22.15 to 26; use 'none' or another Node",
    { context: { option: 'compression', format }, cause: seen },
  )
}
