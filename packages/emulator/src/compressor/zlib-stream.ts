import { constants, createDeflate, deflateSync } from 'node:zlib'

import type { Compressor } from './compressor.ts'
import { writeSync } from './sync-stream.ts'

/** `zlib-stream`: one deflate context a socket, a sync flush after each payload (rule E36). */
export class ZlibStream implements Compressor {
  readonly #deflate = createDeflate()

  compress(payload: Uint8Array): Buffer {
    return writeSync(this.#deflate, payload, constants.Z_SYNC_FLUSH)
  }

  close(): void {
    this.#deflate.close()
  }
}

/** Payload compression: each message is a zlib stream of its own (rule E38). */
export const payloadCompressor: Compressor = {
  compress: (payload) => deflateSync(payload),
  close: () => undefined,
}
