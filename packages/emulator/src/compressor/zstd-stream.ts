import { constants, createZstdCompress } from 'node:zlib'

import type { Compressor } from './compressor.ts'
import { writeSync } from './sync-stream.ts'

/** Discord's window, as read from a captured frame header: 2^18 = 256 KiB. */
const windowLog = 18

/** `zstd-stream`: one frame a socket that never ends, flushed after each payload (rule E37). */
export class ZstdStream implements Compressor {
  readonly #zstd

  constructor(level: number) {
    this.#zstd = createZstdCompress({
      params: {
        [constants.ZSTD_c_windowLog]: windowLog,
        [constants.ZSTD_c_compressionLevel]: level,
      },
    })
  }

  compress(payload: Uint8Array): Buffer {
    return writeSync(this.#zstd, payload, constants.ZSTD_e_flush)
  }

  close(): void {
    this.#zstd.close()
  }
}
