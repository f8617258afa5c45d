import type { Compressor } from '../compressor/compressor.ts'
import type { SentDispatch } from '../session/replay-buffer.ts'

/** What `encoding` in the gateway URL asks for. */
export type EncodingName = 'json' | 'etf'

/** How payloads are written, from the data of events to whole messages, and how those of clients are read. */
export interface Encoding {
  readonly name: EncodingName
  /** Whether messages are binary frames, compressed or not. A client's are of the same kind. */
  readonly isBinary: boolean
  /** For `compress: true` in identify. */
  readonly payloadCompressor: Compressor
  /** The part of a dispatch that holds its data: the same bytes for every session that sees the event alike. */
  body(data: unknown): Buffer
  /** The data in a body. */
  data(body: Buffer): unknown
  /** A whole dispatch, whose body is in this encoding. */
  dispatch(dispatch: SentDispatch): Buffer
  /** A payload of any other opcode; `s` and `t` are null. */
  payload(op: number, data: unknown): Buffer
  /**
   * What a client's message holds.
   * @throws Error if it breaks the encoding's rules
   */
  read(message: Buffer): unknown
}
