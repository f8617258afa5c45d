import { emptyHash, isEqual, nextHash } from '../interned-names.ts'

interface Slot {
  readonly bytes: Uint8Array
  readonly name: string
}

const slotCount = 4096
// Longer ones are names that users gave and the like: they seldom come again.
const longestBytes = 32

/**
 * Keys of maps, and atoms: the same few hundred come again and again, and to find a string costs less than to make it.
 * Each place holds the name that came last, so no input makes the cache grow.
 */
export class NameCache {
  readonly #slots = Array.from<Slot | undefined>({ length: slotCount })

  /** The string in these bytes; `undefined` unless they are few and ASCII. */
  find(source: Buffer, start: number, end: number): string | undefined {
    if (end - start > longestBytes) return undefined
    let hash = emptyHash
    let seen = 0
    for (let at = start; at < end; at += 1) {
      const byte = source[at] ?? 0
      hash = nextHash(hash, byte)
      seen |= byte
    }
    if (seen > 0x7f) return undefined
    const place = hash & (slotCount - 1)
    const slot = this.#slots[place]
    if (slot !== undefined && isEqual(slot.bytes, source, start, end)) return slot.name
    const name = source.toString('latin1', start, end)
    this.#slots[place] = { bytes: new Uint8Array(source.subarray(start, end)), name }
    return name
  }
}
