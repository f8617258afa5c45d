import { isUtf8 } from 'node:buffer'

import { Etf } from './etf-tag.ts'

const maxDepth = 256

/** How keys of maps may be written. Those of clients must be binaries; Discord's own are mostly atoms. */
export type KeyRule = 'binary' | 'any'

/** Reads terms as JSON values, as strictly as Discord reads those of clients: no compressed terms, no other keys. */
export class EtfReader {
  readonly #bytes: Buffer
  readonly #keys: KeyRule
  #offset: number
  #depth = 0

  private constructor(bytes: Buffer, offset: number, keys: KeyRule) {
    this.#bytes = bytes
    this.#offset = offset
    this.#keys = keys
  }

  /**
   * The value of the term that `bytes` hold from `offset` to their end.
   * @throws Error if they hold anything else
   */
  static read(bytes: Buffer, offset: number, keys: KeyRule): unknown {
    const reader = new EtfReader(bytes, offset, keys)
    const value = reader.#term()
    if (reader.#offset !== bytes.length) throw new Error('bytes follow the term')
    return value
  }

  // Every read of a Buffer past its end throws, and so does `slice` here: no length is believed.
  #term(): unknown {
    const tag = this.#unsigned(1)
    switch (tag) {
      case Etf.SMALL_INTEGER:
        return this.#unsigned(1)
      case Etf.INTEGER:
        return this.#bytes.readInt32BE(this.#advance(4))
      case Etf.NEW_FLOAT:
        return finite(this.#bytes.readDoubleBE(this.#advance(8)))
      case Etf.SMALL_BIG:
        return this.#big(this.#unsigned(1))
      case Etf.LARGE_BIG:
        return this.#big(this.#unsigned(4))
      case Etf.ATOM:
      case Etf.SMALL_ATOM:
      case Etf.ATOM_UTF8:
      case Etf.SMALL_ATOM_UTF8:
        return fromAtom(this.#atom(tag))
      case Etf.BINARY:
        return utf8(this.#slice(this.#unsigned(4)))
      case Etf.STRING:
        return [...this.#slice(this.#unsigned(2))]
      case Etf.NIL:
        return []
      default:
        return this.#nested(tag)
    }
  }

  #nested(tag: number): unknown {
    if (++this.#depth > maxDepth) throw new Error('too deep')
    const value = this.#compound(tag)
    this.#depth--
    return value
  }

  #compound(tag: number): unknown {
    switch (tag) {
      case Etf.SMALL_TUPLE:
        return this.#items(this.#unsigned(1))
      case Etf.LARGE_TUPLE:
        return this.#items(this.#unsigned(4))
      case Etf.LIST: {
        const items = this.#items(this.#unsigned(4))
        if (this.#unsigned(1) !== Etf.NIL) throw new Error('improper list')
        return items
      }
      case Etf.MAP:
        return this.#map(this.#unsigned(4))
      default:
        throw new Error(`tag ${tag}`)
    }
  }

  #items(count: number): unknown[] {
    const items: unknown[] = []
    while (items.length < count) items.push(this.#term())
    return items
  }

  #map(count: number): unknown {
    const entries: [string, unknown][] = []
    while (entries.length < count) entries.push([this.#key(), this.#term()])
    // Defines properties, so that a key `__proto__` is a key like any other.
    return Object.fromEntries(entries)
  }

  #key(): string {
    const tag = this.#unsigned(1)
    if (tag === Etf.BINARY) return utf8(this.#slice(this.#unsigned(4)))
    if (this.#keys === 'binary') throw new Error(`a key with tag ${tag}`)
    return this.#atom(tag)
  }

  #atom(tag: number): string {
    switch (tag) {
      case Etf.ATOM:
        return this.#slice(this.#unsigned(2)).toString('latin1')
      case Etf.SMALL_ATOM:
        return this.#slice(this.#unsigned(1)).toString('latin1')
      case Etf.ATOM_UTF8:
        return utf8(this.#slice(this.#unsigned(2)))
      case Etf.SMALL_ATOM_UTF8:
        return utf8(this.#slice(this.#unsigned(1)))
      default:
        throw new Error(`a key with tag ${tag}`)
    }
  }

  /** A number as long as it is exact, then the decimal string that a snowflake is in JSON. */
  #big(size: number): number | string {
    if (size > 64) throw new Error(`an integer of ${size} bytes`)
    const isNegative = this.#unsigned(1) !== 0
    const digits = Buffer.from(this.#slice(size).toReversed()).toString('hex')
    const magnitude = BigInt(`0x0${digits}`)
    const value = isNegative ? -magnitude : magnitude
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  }

  #unsigned(size: 1 | 2 | 4): number {
    return this.#bytes.readUIntBE(this.#advance(size), size)
  }

  #slice(size: number): Buffer {
    const start = this.#advance(size)
    if (this.#offset > this.#bytes.length) throw new Error('the bytes end within a term')
    return this.#bytes.subarray(start, this.#offset)
  }

  #advance(size: number): number {
    const start = this.#offset
    this.#offset += size
    return start
  }
}

function utf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error('text that is not UTF-8')
  return bytes.toString()
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error('a float that is no number')
  return value
}

function fromAtom(name: string): string | boolean | null {
  if (name === 'nil' || name === 'null') return null
  return name === 'true' || name === 'false' ? name === 'true' : name
}
