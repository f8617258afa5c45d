import type { Switches } from '../switches.ts'
import { Etf } from './etf-tag.ts'

/** What can be written in two ways. */
export type EtfSwitches = Pick<Switches, 'etfSnowflakes' | 'etfKeys'>

const maxUint64 = 0xffff_ffff_ffff_ffffn
/** Lists of snowflakes whose name does not say so. */
const idLists: ReadonlySet<string> = new Set(['roles', 'mention_roles'])
const statuses: ReadonlySet<string> = new Set(['online', 'idle', 'dnd', 'offline', 'invisible'])

/**
 * Writes values as Erlang's `term_to_binary` writes what Discord has in their place: keys, booleans and null as atoms,
 * strings as binaries, snowflakes as integers, lists of bytes as STRING_EXT, the keys of a map in order.
 */
export class EtfWriter {
  readonly #switches: EtfSwitches
  #bytes = Buffer.allocUnsafe(64 * 1024)
  #length = 0

  constructor(switches: EtfSwitches) {
    this.#switches = switches
  }

  /** The bytes of a value, without the version byte in front. */
  write(value: unknown): Buffer {
    this.#length = 0
    this.#value(value, '')
    return Buffer.from(this.#bytes.subarray(0, this.#length))
  }

  /** `key` is that of the value, or of the list that it is in. */
  #value(value: unknown, key: string): void {
    if (typeof value === 'string') this.#text(value, key)
    else if (typeof value === 'number' && Number.isFinite(value)) this.#number(value)
    else if (typeof value === 'boolean') this.#atom(String(value))
    else if (typeof value === 'bigint') throw new TypeError('twilight-emulator: JSON has no bigint')
    else if (typeof value !== 'object' || value === null) this.#atom('nil')
    else if ('toJSON' in value && typeof value.toJSON === 'function') this.#value(value.toJSON(key), key)
    else if (Array.isArray(value)) this.#list(value, key)
    else this.#map(value)
  }

  #map(value: object): void {
    const entries = Object.entries(value).filter(([, item]) => isKept(item))
    // Erlang sorts the keys of a map of up to 32; those of a larger one come in no order that means anything.
    entries.sort(([left], [right]) => (left < right ? -1 : 1))
    this.#head(Etf.MAP, entries.length)
    const withAtoms = this.#switches.etfKeys === 'atom'
    for (const [key, item] of entries) {
      if (withAtoms && isFieldName(key)) this.#atom(key)
      else this.#binary(key)
      this.#value(item, key)
    }
  }

  #list(items: readonly unknown[], key: string): void {
    if (items.length > 0 && items.length <= 0xffff && items.every(isByte)) {
      this.#reserve(3 + items.length)
      this.#bytes[this.#length] = Etf.STRING
      this.#length = this.#bytes.writeUInt16BE(items.length, this.#length + 1)
      for (const item of items) this.#length = this.#bytes.writeUInt8(item, this.#length)
      return
    }
    if (items.length > 0) this.#head(Etf.LIST, items.length)
    const itemKey = key.endsWith('_ids') || idLists.has(key) ? 'id' : ''
    for (const item of items) this.#value(item, itemKey)
    this.#reserve(1)
    this.#length = this.#bytes.writeUInt8(Etf.NIL, this.#length)
  }

  #text(text: string, key: string): void {
    const isId = this.#switches.etfSnowflakes === 'integer' && (key === 'id' || key.endsWith('_id'))
    const snowflake = isId && /^[1-9]\d{16,19}$/.test(text) ? BigInt(text) : undefined
    if (snowflake !== undefined && snowflake <= maxUint64) this.#big(snowflake, false)
    else if (key === 'status' && statuses.has(text)) this.#atom(text)
    else this.#binary(text)
  }

  #number(value: number): void {
    this.#reserve(9)
    if (!Number.isSafeInteger(value)) {
      this.#bytes[this.#length] = Etf.NEW_FLOAT
      this.#length = this.#bytes.writeDoubleBE(value, this.#length + 1)
    } else if (value >= 0 && value < 256) {
      this.#bytes[this.#length] = Etf.SMALL_INTEGER
      this.#length = this.#bytes.writeUInt8(value, this.#length + 1)
    } else if (value >= -0x8000_0000 && value < 0x8000_0000) {
      this.#bytes[this.#length] = Etf.INTEGER
      this.#length = this.#bytes.writeInt32BE(value, this.#length + 1)
    } else {
      this.#big(BigInt(Math.abs(value)), value < 0)
    }
  }

  #big(magnitude: bigint, isNegative: boolean): void {
    this.#reserve(11)
    const start = this.#length
    this.#bytes.writeBigUInt64LE(magnitude, start + 3)
    let size = 8
    while (this.#bytes[start + 2 + size] === 0) size--
    this.#bytes[start] = Etf.SMALL_BIG
    this.#bytes[start + 1] = size
    this.#bytes[start + 2] = isNegative ? 1 : 0
    this.#length = start + 3 + size
  }

  #atom(name: string): void {
    this.#reserve(3 + name.length)
    this.#bytes[this.#length] = Etf.ATOM
    this.#length = this.#bytes.writeUInt16BE(name.length, this.#length + 1)
    this.#length += this.#bytes.write(name, this.#length, 'latin1')
  }

  #binary(text: string): void {
    const size = Buffer.byteLength(text)
    this.#head(Etf.BINARY, size)
    this.#reserve(size)
    this.#length += this.#bytes.write(text, this.#length)
  }

  #head(tag: number, count: number): void {
    this.#reserve(5)
    this.#bytes[this.#length] = tag
    this.#length = this.#bytes.writeUInt32BE(count, this.#length + 1)
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

/** A key that is a field's name in Discord's code, and not data such as a snowflake: only those are atoms. */
export function isFieldName(key: string): boolean {
  return /^[A-Za-z_]\w{0,254}$/.test(key)
}

/** Whether JSON keeps a member of an object. */
function isKept(item: unknown): boolean {
  return item !== undefined && typeof item !== 'function' && typeof item !== 'symbol'
}

function isByte(item: unknown): item is number {
  return typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= 255
}
