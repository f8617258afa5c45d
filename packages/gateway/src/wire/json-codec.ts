import { isUtf8 } from 'node:buffer'

import { DecodeError } from '../errors.ts'
import type { Deserializer, PayloadCodec } from './codec.ts'
import { splitDocuments } from './documents.ts'
import { readEnvelope } from './envelope.ts'
import { HeaderScanner, type Header } from './header.ts'

/** V8's `JSON.parse`: faster here than any native parser, whose values must cross into JavaScript one by one. */
export const v8Deserializer: Deserializer = {
  name: 'JSON.parse',
  parse: (bytes, start, end): unknown => JSON.parse(bytes.toString('utf8', start, end)),
}

/** Payloads as JSON text. */
export class JsonCodec implements PayloadCodec {
  readonly encoding = 'json'
  readonly #scanner = new HeaderScanner()
  readonly #deserializer: Deserializer

  constructor(deserializer: Deserializer = v8Deserializer) {
    this.#deserializer = deserializer
  }

  scan(bytes: Buffer): Header {
    // Here and not in the socket: it is the only check that a payload gets whose `d` nobody reads.
    if (!isUtf8(bytes)) {
      throw new DecodeError('DECODE_PAYLOAD', `payload of ${bytes.length} bytes is not UTF-8`)
    }
    return this.#scanner.scan(bytes)
  }

  split(bytes: Buffer): readonly Buffer[] {
    return splitDocuments(bytes)
  }

  parse(bytes: Buffer, start: number, end: number): unknown {
    try {
      return this.#deserializer.parse(bytes, start, end)
    } catch (error) {
      // The scanner took it for granted that nothing follows `d`. Nothing ever has; if it does, it is found here.
      const trueEnd = endOfData(bytes)
      if (trueEnd === undefined || trueEnd === end) throw error
      return this.#deserializer.parse(bytes, start, trueEnd)
    }
  }

  pack(payload: { readonly op: number; readonly d: unknown }): string {
    return JSON.stringify(payload)
  }
}

/** Where `d` ends, found by walking over all of the document; `undefined` if it is none. */
function endOfData(bytes: Buffer): number | undefined {
  const header: Header = { op: -1, sequence: -1, type: '', typeIndex: -1, dataStart: -1, dataEnd: -1 }
  try {
    readEnvelope(bytes, header)
  } catch {
    return undefined
  }
  return header.dataEnd
}
