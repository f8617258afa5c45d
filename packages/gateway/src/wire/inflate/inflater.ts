/**
 * How payloads are compressed: the whole connection as one zstd or zlib stream, single payloads as they come
 * (IDENTIFY's `compress: true`), or not at all (Discord docs, *Gateway*, Encoding and Compression).
 */
export type Compression = 'zstd-stream' | 'zlib-stream' | 'payload' | 'none'

/** What inflates `zlib-stream`: Node's own zlib, or the package zlib-sync. */
export type ZlibLibrary = 'node' | 'zlib-sync'

/** Turns the websocket messages of one connection into payloads. One per connection; synchronous. */
export interface Inflater {
  /**
   * Feeds one websocket message. Returns the bytes of one payload, the caller's to keep, or `undefined` while the
   * payload is incomplete. After an error every further call throws: the stream's window is gone.
   * @throws DecodeError DECODE_INFLATE, DECODE_OVERSIZE
   */
  inflate(message: Buffer, isBinary: boolean): Buffer | undefined
  /** Frees the native context. May be called twice. */
  close(): void
  /** Whether the bytes returned last may hold several payloads: a payload's end was seen within them. */
  readonly mayHoldSeveral: boolean
  /** Bytes of all messages fed. */
  readonly bytesIn: number
  /** Bytes of all payloads returned. */
  readonly bytesOut: number
  /** Bytes set aside for this connection: the decoder's window and a payload that has begun. */
  readonly capacityBytes: number
}

/** Limits of an inflater. */
export interface InflaterOptions {
  /** Largest payload, inflated. More is DECODE_OVERSIZE, found before memory for it is taken. */
  readonly maxInflatedBytes: number
  /** Default `node`. */
  readonly zlib?: ZlibLibrary
}
