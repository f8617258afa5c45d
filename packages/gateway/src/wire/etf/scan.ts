import { dispatchNames } from '../../protocol/event-names.ts'
import type { Header } from '../header.ts'
import { emptyHash, InternedNames, nextHash } from '../interned-names.ts'
import { malformed } from '../malformed.ts'
import { skipTerm } from './skip.ts'
import { Tag, termVersion, uint32 } from './terms.ts'

/** The keys of the envelope as numbers, so that to tell one makes no string. */
const Key = { Other: 0, Op: 1, Sequence: 2, Type: 3, Data: 4 } as const
type Key = (typeof Key)[keyof typeof Key]

const n = 0x6e
const u = 0x75
const l = 0x6c
const i = 0x69

/**
 * Reads envelopes from terms: `op`, `s`, `t` and where `d` lies, whatever the order of the keys (Erlang writes `d, op, s,
 * t`, so `d` is stepped over first). Keys and `t` are atoms or binaries. What `d` holds is skipped, not checked, other
 * than that its terms end.
 */
export class TermScanner {
  readonly #names = new InternedNames(dispatchNames)
  readonly #header: Header = { op: -1, sequence: -1, type: '', typeIndex: -1, dataStart: -1, dataEnd: -1 }
  /** Where the next byte is. */
  #at = 0

  /**
   * The envelope of one payload. The returned object is reused.
   * @throws DecodeError DECODE_PAYLOAD
   */
  scan(bytes: Buffer): Header {
    const header = this.#header
    header.op = -1
    header.sequence = -1
    header.type = ''
    header.typeIndex = -1
    header.dataStart = -1
    header.dataEnd = -1
    if (bytes[0] !== termVersion) throw malformed(`a term begins with ${termVersion}`, bytes, 0)
    if (bytes[1] !== Tag.Map) throw malformed('it is not a map', bytes, 1)
    const size = uint32(bytes, 2)
    this.#at = 6
    for (let index = 0; index < size; index += 1) this.#entry(bytes, header)
    if (this.#at !== bytes.length) throw malformed('bytes follow the term', bytes, this.#at)
    if (header.op === -1) throw malformed('it has no op', bytes, 0)
    return header
  }

  #entry(bytes: Buffer, header: Header): void {
    const key = this.#key(bytes)
    const start = this.#at
    this.#at = skipTerm(bytes, start)
    if (key === Key.Data) {
      header.dataStart = start
      header.dataEnd = this.#at
    } else if (key === Key.Type) {
      this.#name(bytes, start, header)
    } else if (key === Key.Sequence) {
      header.sequence = this.#integer(bytes, start)
    } else if (key === Key.Op) {
      header.op = this.#integer(bytes, start)
    }
  }

  #key(bytes: Buffer): Key {
    const tag = this.#at
    this.#at = skipTerm(bytes, tag)
    const start = textStart(bytes, tag)
    const length = this.#at - start
    if (start === -1 || length > 2) return Key.Other
    const first = bytes[start]
    if (length === 2) return first === 0x6f && bytes[start + 1] === 0x70 ? Key.Op : Key.Other
    if (length === 0) return Key.Other
    if (first === 0x64) return Key.Data
    if (first === 0x73) return Key.Sequence
    return first === 0x74 ? Key.Type : Key.Other
  }

  /** Sets the name in the term from `tag` to where we are; empty if it is null. */
  #name(bytes: Buffer, tag: number, header: Header): void {
    const start = textStart(bytes, tag)
    const end = this.#at
    if (start === -1) throw malformed('t is not a name', bytes, tag)
    header.type = ''
    header.typeIndex = -1
    if (bytes[tag] !== Tag.Binary && isNull(bytes, start, end)) return
    let hash = emptyHash
    for (let at = start; at < end; at += 1) hash = nextHash(hash, bytes[at] ?? 0)
    const index = this.#names.indexOf(bytes, start, end, hash)
    header.typeIndex = index
    header.type = this.#names.names[index] ?? bytes.toString('utf8', start, end)
  }

  /** The whole number of 0 or more in the term at `tag`; -1 if it is null. */
  #integer(bytes: Buffer, tag: number): number {
    const kind = bytes[tag]
    if (kind === Tag.SmallInteger) return bytes[tag + 1] ?? 0
    if (kind === Tag.Integer && (bytes[tag + 1] ?? 0) < 0x80) return uint32(bytes, tag + 1)
    if (kind === Tag.SmallBig && bytes[tag + 2] === 0) {
      let value = 0
      for (let at = this.#at - 1; at > tag + 2; at -= 1) value = value * 256 + (bytes[at] ?? 0)
      if (value <= Number.MAX_SAFE_INTEGER) return value
    }
    const start = textStart(bytes, tag)
    if (start !== -1 && kind !== Tag.Binary && isNull(bytes, start, this.#at)) return -1
    throw malformed('op or s is not a whole number', bytes, tag)
  }
}

/** Where the bytes of an atom or binary begin; -1 for any other term. */
function textStart(bytes: Buffer, tag: number): number {
  switch (bytes[tag]) {
    case Tag.SmallAtom:
    case Tag.SmallAtomUtf8:
      return tag + 2
    case Tag.Atom:
    case Tag.AtomUtf8:
      return tag + 3
    case Tag.Binary:
      return tag + 5
    default:
      return -1
  }
}

/** Whether an atom's bytes are `nil` or `null`. */
function isNull(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] !== n) return false
  if (end - start === 3) return bytes[start + 1] === i && bytes[start + 2] === l
  return end - start === 4 && bytes[start + 1] === u && bytes[start + 2] === l && bytes[start + 3] === l
}
