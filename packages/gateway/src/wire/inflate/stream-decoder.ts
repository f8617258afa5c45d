/** Decodes the parts of a compressed stream into whole payloads: what differs between libraries. */
export interface StreamDecoder {
  /**
   * Decodes a part of a payload. Returns the payload with its last part, `undefined` before and if it is empty.
   * @throws DecodeError DECODE_INFLATE, DECODE_OVERSIZE; then again with every further call
   */
  decode(input: Buffer, isPayloadEnd: boolean, isStreamEnd: boolean): Buffer | undefined
  /** Frees what it holds. May be called twice. */
  close(): void
  /** Bytes decoded and handed out. */
  readonly bytesOut: number
  /** Bytes set aside beside the window. */
  readonly pendingCapacityBytes: number
}
