import { CommandError } from '../../errors.ts'
import { maxDepth } from './decode.ts'
import { Tag, termVersion } from './terms.ts'

const firstBytes = 4096

/**
 * Writes values as terms. What it writes is what `JSON.stringify` would: `undefined` is left out, `toJSON` is called,
 * NaN is null. Keys and strings become binaries, for Discord takes no atoms as keys (Discord docs, *Gateway*, Encoding);
 * `null`, `true` and `false` become atoms. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
 * Synchronous and reused: one for all payloads.
 */
export class TermEncoder {
  #bytes = Buffer.allocUnsafeSlow(firstBytes)
  #length = 0

  /**
   * The term of an object or array.
   * @throws TypeError as `JSON.stringify` does, for a bigint or a circle
   * @throws CommandError COMMAND_INVALID if it nests too deep
   */
  encode(value: object): Buffer {
    // All of JSON's rules at once; commands are small and few. Before anything is written: a toJSON may send another one.
    const plain: unknown = JSON.parse(JSON.stringify(value))
    this.#length = 0
    this.#byte(termVersion)
    this.#value(plain, 0)
    const term = Buffer.from(this.#bytes.subarray(0, this.#length))
    if (this.#bytes.length > firstBytes) this.#bytes = Buffer.allocUnsafeSlow(firstBytes)
    return term
  }

  #value(value: unknown, depth: number): void {
    if (typeof value === 'string') this.#string(value)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'object' && value !== null) this.#container(value, depth + 1)
    else if (typeof value === 'boolean') this.#atom(value ? 'true' : 'false')
    // Discord runs Elixir, whose null it is.
    else this.#atom('nil')
  }

  #container(value: object, depth: number): void {
    if (depth > maxDepth) {
      throw new CommandError('COMMAND_INVALID', `a command may nest ${maxDepth} levels and not more`)
    }
    if (Array.isArray(value)) {
      if (value.length > 0) this.#count(Tag.List, value.length)
      for (const item of value) this.#value(item, depth)
      this.#byte(Tag.Nil)
      return
    }
    const entries = Object.entries(value)
    this.#count(Tag.Map, entries.length)
    for (const [key, item] of entries) {
      this.#string(key)
      this.#value(item, depth)
    }
  }

  #string(text: string): void {
    const length = Buffer.byteLength(text)
    this.#count(Tag.Binary, length)
    this.#reserve(length)
    this.#bytes.write(text, this.#length)
    this.#length += length
  }

  /** Of ASCII. */
  #atom(name: string): void {
    this.#byte(Tag.SmallAtom)
    this.#byte(name.length)
    this.#reserve(name.length)
    this.#length += this.#bytes.write(name, this.#length)
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#byte(Tag.Float)
      this.#reserve(8)
      this.#length = this.#bytes.writeDoubleBE(value, this.#length)
    } else if (value >= 0 && value <= 0xff) {
      this.#byte(Tag.SmallInteger)
      this.#byte(value)
    } else if (value === (value | 0)) {
      this.#byte(Tag.Integer)
      this.#reserve(4)
      this.#length = this.#bytes.writeInt32BE(value, this.#length)
    } else {
      this.#big(value)
    }
  }

  #big(value: number): void {
    this.#byte(Tag.SmallBig)
    const lengthAt = this.#length
    this.#byte(0)
    this.#byte(value < 0 ? 1 : 0)
    for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 256)) this.#byte(rest % 256)
    this.#bytes[lengthAt] = this.#length - lengthAt - 2
  }

  #count(tag: number, count: number): void {
    this.#byte(tag)
    this.#reserve(4)
    this.#length = this.#bytes.writeUInt32BE(count, this.#length)
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + length))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
