import type { Header } from './header.ts'

/** How payloads are written: as JSON text, or in Erlang's external term format (Discord docs, *Gateway*, Encoding). */
export type Encoding = 'json' | 'etf'

/**
 * Turns the JSON of an event's `d` into a value, once for each event whose `data` is read. The default is V8's own
 * `JSON.parse`; implement it to plug in another parser, or to give other values, e.g. `bigint` for snowflakes. What the
 * session itself reads does not go through it.
 */
export interface Deserializer {
  /** For errors and `info`. */
  readonly name: string
  /**
   * The value in `bytes` from `start` to `end`: JSON, checked to be UTF-8 but not to be valid. Called synchronously; the
   * bytes belong to the event and must not be changed. What it throws becomes the cause of a DecodeError DECODE_DATA.
   */
  parse(bytes: Buffer, start: number, end: number): unknown
}

/** One encoding: between the bytes on the wire and values. One for all connections that share its settings. */
export interface PayloadCodec {
  readonly encoding: Encoding
  /**
   * The envelope of one payload, from its bytes alone. The returned object is reused: copy what you keep.
   * @throws DecodeError DECODE_PAYLOAD
   */
  scan(bytes: Buffer): Header
  /**
   * Cuts bytes that hold several payloads, one behind the other, into those of each.
   * @throws DecodeError DECODE_PAYLOAD
   */
  split(bytes: Buffer): readonly Buffer[]
  /** The value of `d`, which `scan` found from `start` to `end`; throws what the parser throws. */
  parse(bytes: Buffer, start: number, end: number): unknown
  /** A payload as it is sent: a string goes out as a text message, bytes as a binary one. */
  pack(payload: { readonly op: number; readonly d: unknown }): string | Buffer
}
