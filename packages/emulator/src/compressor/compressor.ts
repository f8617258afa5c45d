/** What `compress` in the gateway URL, or in identify, asks for. */
export type Compression = 'none' | 'payload' | 'zlib-stream' | 'zstd-stream'

/** Turns a payload into the bytes of one WebSocket message, synchronously, so that order cannot break. */
export interface Compressor {
  compress(payload: Uint8Array): Buffer
  close(): void
}
