import { dispatchNames } from '../protocol/event-names.ts'
import { readEnvelope } from './envelope.ts'
import { emptyHash, InternedNames, nextHash } from './interned-names.ts'
import { ascii } from './json-walk.ts'

/** Envelope of one payload, found from the bytes alone. The scanner's object is reused: copy what you keep. */
export interface Header {
  op: number
  /** `s`; -1 if null or absent. */
  sequence: number
  /** `t`; empty if null or absent. */
  type: string
  /** Where `type` stands among the scanner's known names; -1 if nowhere, or if the scanner did not look. */
  typeIndex: number
  /** Offset of the first byte of `d`'s value; -1 if absent. */
  dataStart: number
  /** Offset behind the last byte of `d`'s value; -1 if absent. */
  dataEnd: number
}

/** Options of a scanner. */
export interface HeaderScannerOptions {
  /** Names that are found without making a string. Default: the dispatches that Discord documents. */
  readonly knownTypes?: readonly string[]
}

// `{"t":null,"s":null,"op":1,"d":0}` is the shortest payload in Discord's order.
const shortestBytes = 32
// All integers of so many digits are exact.
const mostDigits = 15

/**
 * Reads envelopes. A payload that begins as every captured one does, `{"t":…,"s":…,"op":…,"d":`, is read from those
 * bytes alone and taken to end with `d`; any other goes through `readEnvelope`, which reads what `JSON.parse` reads.
 * What `d` holds is checked by neither.
 */
export class HeaderScanner {
  readonly #names: InternedNames
  readonly #header: Header = { op: -1, sequence: -1, type: '', typeIndex: -1, dataStart: -1, dataEnd: -1 }
  /** Where the next byte of the prefix is. */
  #at = 0
  /** Of the name read last. */
  #typeIndex = -1

  constructor({ knownTypes = dispatchNames }: HeaderScannerOptions = {}) {
    this.#names = new InternedNames(knownTypes)
  }

  /**
   * The envelope of one payload.
   * @throws DecodeError DECODE_PAYLOAD
   */
  scan(bytes: Buffer): Header {
    const header = this.#header
    if (!this.#scanPrefix(bytes, header)) {
      readEnvelope(bytes, header)
      header.typeIndex = -1
    }
    return header
  }

  #scanPrefix(bytes: Buffer, header: Header): boolean {
    const last = bytes.length - 1
    if (last + 1 < shortestBytes || bytes[0] !== ascii.openBrace || bytes[last] !== ascii.closeBrace)
      return false
    // "t":
    if (bytes[1] !== ascii.quote || bytes[2] !== 0x74 || bytes[3] !== ascii.quote) return false
    if (bytes[4] !== ascii.colon) return false
    this.#at = 5
    const type = this.#name(bytes, last)
    if (type === undefined) return false
    // ,"s":
    let at = this.#at
    if (bytes[at] !== ascii.comma || bytes[at + 1] !== ascii.quote || bytes[at + 2] !== 0x73) return false
    if (bytes[at + 3] !== ascii.quote || bytes[at + 4] !== ascii.colon) return false
    this.#at = at + 5
    const isNull = isNullAt(bytes, at + 5)
    if (isNull) this.#at += 4
    const sequence = isNull ? -1 : this.#integer(bytes)
    if (sequence < 0 && !isNull) return false
    // ,"op":
    at = this.#at
    if (bytes[at] !== ascii.comma || bytes[at + 1] !== ascii.quote || bytes[at + 2] !== 0x6f) return false
    if (bytes[at + 3] !== 0x70 || bytes[at + 4] !== ascii.quote || bytes[at + 5] !== ascii.colon) return false
    this.#at = at + 6
    const op = this.#integer(bytes)
    if (op < 0) return false
    // ,"d":
    at = this.#at
    if (bytes[at] !== ascii.comma || bytes[at + 1] !== ascii.quote || bytes[at + 2] !== 0x64) return false
    if (bytes[at + 3] !== ascii.quote || bytes[at + 4] !== ascii.colon) return false
    if (!isWholeData(bytes, at + 5, last)) return false
    header.op = op
    header.sequence = sequence
    header.type = type
    header.typeIndex = this.#typeIndex
    header.dataStart = at + 5
    header.dataEnd = last
    return true
  }

  /** A plain string or null; `undefined` for anything else. */
  #name(bytes: Buffer, last: number): string | undefined {
    const start = this.#at + 1
    this.#typeIndex = -1
    if (bytes[start - 1] !== ascii.quote) {
      this.#at += 4
      return isNullAt(bytes, start - 1) ? '' : undefined
    }
    let hash = emptyHash
    for (let at = start; at < last; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte === ascii.quote) {
        this.#at = at + 1
        const index = this.#names.indexOf(bytes, start, at, hash)
        this.#typeIndex = index
        return index < 0 ? bytes.toString('utf8', start, at) : this.#names.names[index]
      }
      if (byte === ascii.backslash || byte < 0x20) return undefined
      hash = nextHash(hash, byte)
    }
    return undefined
  }

  /** A number in digits alone; -1 for anything else. */
  #integer(bytes: Buffer): number {
    const start = this.#at
    let value = 0
    let at = start
    for (; at - start <= mostDigits; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte < ascii.zero || byte > ascii.nine) break
      value = value * 10 + (byte - ascii.zero)
    }
    const digits = at - start
    if (digits === 0 || digits > mostDigits || (digits > 1 && bytes[start] === ascii.zero)) return -1
    this.#at = at
    return value
  }
}

function isNullAt(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x6e && bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c
}

/** Whether what lies between looks like one value: an object by its braces, null and booleans by all their bytes. */
function isWholeData(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start]
  if (first === ascii.openBrace) return bytes[end - 1] === ascii.closeBrace && end - start > 1
  if (first === 0x6e) return end - start === 4 && isNullAt(bytes, start)
  return false
}
