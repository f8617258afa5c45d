import { isUtf8 } from 'node:buffer'

import { malformed } from '../malformed.ts'
import { NameCache } from './name-cache.ts'
import { Tag, uint16, uint32 } from './terms.ts'

/** A value as JSON has them. */
type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** Lists, tuples and maps within each other. Discord nests a dozen; what nests deeper was made to exhaust the stack. */
export const maxDepth = 512
/** 1,024 bits. Discord's integers have 64; turning a huge one into decimals takes time that grows with its square. */
export const maxIntegerBytes = 128

// All integers of so many bytes are exact numbers.
const exactBytes = 6
const nothing = Buffer.alloc(0)

/**
 * Turns terms into what `JSON.parse` makes of the same payload in JSON:
 *
 * | term                             | value                                                       |
 * | -------------------------------- | ----------------------------------------------------------- |
 * | atoms `nil` and `null`           | `null`                                                      |
 * | atoms `true` and `false`         | booleans                                                    |
 * | other atoms, binaries            | strings                                                     |
 * | integers up to 2^53 − 1, floats  | numbers                                                     |
 * | larger integers                  | decimal strings: snowflakes are strings in JSON             |
 * | lists, tuples                    | arrays                                                      |
 * | STRING_EXT                       | an array of numbers: how Erlang writes a list of small ones |
 * | maps                             | objects; keys are atoms, binaries or integers               |
 *
 * Every length is checked against the bytes that there are, and nothing is set aside for what is only announced.
 * Synchronous and reused: one for all payloads.
 */
export class TermDecoder {
  readonly #names = new NameCache()
  #bytes: Buffer = nothing
  #at = 0
  #end = 0
  #depth = 0

  /**
   * The value of the term that fills `bytes` from `start` to `end`.
   * @throws DecodeError DECODE_PAYLOAD
   */
  decode(bytes: Buffer, start: number, end: number): unknown {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#depth = 0
    try {
      const value = this.#value()
      if (this.#at !== end) throw malformed('bytes follow the term', bytes, this.#at)
      return value
    } finally {
      this.#bytes = nothing
    }
  }

  #value(): Value {
    const tag = this.#bytes[this.#take(1)]
    switch (tag) {
      case Tag.Binary:
        return this.#text(this.#uint32())
      case Tag.Atom:
      case Tag.AtomUtf8:
        return this.#atom(this.#uint16(), tag === Tag.Atom)
      case Tag.SmallAtom:
      case Tag.SmallAtomUtf8:
        return this.#atom(this.#uint8(), tag === Tag.SmallAtom)
      case Tag.SmallInteger:
        return this.#uint8()
      case Tag.Integer:
        return this.#uint32() | 0
      case Tag.SmallBig:
        return this.#integer(this.#uint8())
      case Tag.LargeBig:
        return this.#integer(this.#uint32())
      case Tag.Float:
        return this.#float()
      case Tag.Nil:
        return []
      case Tag.String:
        return this.#byteList(this.#uint16())
      default:
        return this.#container(tag)
    }
  }

  #container(tag: number | undefined): Value {
    this.#depth += 1
    if (this.#depth > maxDepth)
      throw malformed(`it nests deeper than ${maxDepth} levels`, this.#bytes, this.#at)
    const value = this.#members(tag)
    this.#depth -= 1
    return value
  }

  #members(tag: number | undefined): Value {
    switch (tag) {
      case Tag.Map:
        return this.#map(this.#uint32())
      case Tag.List:
        return this.#list(this.#uint32())
      case Tag.SmallTuple:
        return this.#array(this.#uint8())
      case Tag.LargeTuple:
        return this.#array(this.#uint32())
      default:
        throw malformed(`tag ${tag} is not one of JSON's kinds`, this.#bytes, this.#at - 1)
    }
  }

  #map(size: number): Value {
    const object: Record<string, Value> = {}
    for (let index = 0; index < size; index += 1) {
      const key = this.#key()
      const value = this.#value()
      // Assigned, this one would become the object's prototype.
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
      } else {
        object[key] = value
      }
    }
    return object
  }

  #key(): string {
    const tag = this.#bytes[this.#at]
    let length = 0
    let start = this.#at
    if (tag === Tag.Atom || tag === Tag.AtomUtf8) {
      length = uint16(this.#bytes, start + 1)
      start += 3
    } else if (tag === Tag.Binary) {
      length = uint32(this.#bytes, start + 1)
      start += 5
    } else if (tag === Tag.SmallAtom || tag === Tag.SmallAtomUtf8) {
      length = this.#bytes[start + 1] ?? 0
      start += 2
    } else {
      const value = this.#value()
      // Only integers are left, as numbers or decimals: JSON has no other keys to compare with.
      if (typeof value === 'number' && tag !== Tag.Float) return String(value)
      if (typeof value === 'string') return value
      throw malformed(`a key has tag ${tag}`, this.#bytes, start)
    }
    this.#take(start - this.#at + length)
    return this.#name(start, tag === Tag.Atom || tag === Tag.SmallAtom)
  }

  #list(size: number): Value {
    const items = this.#array(size)
    // A proper list ends with the empty one.
    const tail = this.#take(1)
    if (this.#bytes[tail] !== Tag.Nil) throw malformed('a list has a tail', this.#bytes, tail)
    return items
  }

  #array(size: number): Value {
    const items: Value[] = []
    for (let index = 0; index < size; index += 1) items.push(this.#value())
    return items
  }

  #byteList(length: number): Value {
    const start = this.#take(length)
    return Array.from(this.#bytes.subarray(start, start + length))
  }

  #atom(length: number, isLatin1: boolean): Value {
    const name = this.#name(this.#take(length), isLatin1)
    if (name === 'nil' || name === 'null') return null
    if (name === 'true') return true
    return name === 'false' ? false : name
  }

  /** The text from `start` to where we are, of a kind that comes again. */
  #name(start: number, isLatin1: boolean): string {
    const known = this.#names.find(this.#bytes, start, this.#at)
    if (known !== undefined) return known
    return isLatin1 ? this.#bytes.toString('latin1', start, this.#at) : this.#utf8(start, this.#at)
  }

  #text(length: number): string {
    const start = this.#take(length)
    return this.#utf8(start, this.#at)
  }

  #utf8(start: number, end: number): string {
    const text = this.#bytes.toString('utf8', start, end)
    // What is no UTF-8 becomes U+FFFD: only a string that has one may be false.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, end))) {
      throw malformed('a string is not UTF-8', this.#bytes, start)
    }
    return text
  }

  #float(): number {
    const start = this.#take(8)
    const value = this.#bytes.readDoubleBE(start)
    if (!Number.isFinite(value)) throw malformed('a float is not a number', this.#bytes, start)
    return value
  }

  /** A sign and `length` bytes, the least significant first. */
  #integer(length: number): Value {
    if (length > maxIntegerBytes) {
      throw malformed(`an integer of ${length} bytes, more than ${maxIntegerBytes}`, this.#bytes, this.#at)
    }
    const start = this.#take(length + 1)
    const isNegative = this.#bytes[start] !== 0
    if (length <= exactBytes) {
      const magnitude = length === 0 ? 0 : this.#bytes.readUIntLE(start + 1, length)
      // Not negated: that would make -0 of 0.
      return isNegative ? 0 - magnitude : magnitude
    }
    const magnitude = length === 8 ? this.#bytes.readBigUInt64LE(start + 1) : this.#magnitude(start + 1)
    if (magnitude <= Number.MAX_SAFE_INTEGER) return isNegative ? -Number(magnitude) : Number(magnitude)
    return isNegative ? `-${magnitude}` : String(magnitude)
  }

  #magnitude(start: number): bigint {
    let magnitude = 0n
    for (let at = this.#at - 1; at >= start; at -= 1) {
      magnitude = (magnitude << 8n) | BigInt(this.#bytes[at] ?? 0)
    }
    return magnitude
  }

  #uint8(): number {
    return this.#bytes[this.#take(1)] ?? 0
  }

  #uint16(): number {
    return uint16(this.#bytes, this.#take(2))
  }

  #uint32(): number {
    return uint32(this.#bytes, this.#take(4))
  }

  /** Steps over bytes; returns the offset of the first. */
  #take(length: number): number {
    const start = this.#at
    if (length > this.#end - start) throw malformed('a term without an end', this.#bytes, start)
    this.#at = start + length
    return start
  }
}
