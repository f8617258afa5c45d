interface Slot {
  readonly index: number
  readonly bytes: Uint8Array
}

/** The hash of no bytes. */
export const emptyHash = 0

/** The hash after one more byte. */
export function nextHash(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0
}

/** Finds known names by their bytes, so that reading one makes no string. */
export class InternedNames {
  /** The names as they were given. */
  readonly names: readonly string[]
  readonly #slots: readonly (Slot | undefined)[]
  readonly #mask: number

  constructor(names: readonly string[]) {
    this.names = names
    // A quarter full at most: most names have a place of their own.
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, names.length) * 4))
    this.#mask = size - 1
    const slots = Array.from<Slot | undefined>({ length: size })
    for (const name of new Set(names)) {
      const index = names.indexOf(name)
      const bytes = new Uint8Array(Buffer.from(name))
      let at = bytes.reduce(nextHash, emptyHash) & this.#mask
      while (slots[at] !== undefined) at = (at + 1) & this.#mask
      slots[at] = { index, bytes }
    }
    this.#slots = slots
  }

  /** Where in `names` the name of these bytes stands; -1 if nowhere. `hash` is that of the bytes. */
  indexOf(source: Buffer, start: number, end: number, hash: number): number {
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = this.#slots[at]
      if (slot === undefined) return -1
      if (isEqual(slot.bytes, source, start, end)) return slot.index
    }
  }
}

function isEqual(bytes: Uint8Array, source: Buffer, start: number, end: number): boolean {
  const { length } = bytes
  if (length !== end - start) return false
  for (let at = 0; at < length; at += 1) {
    if (bytes[at] !== source[start + at]) return false
  }
  return true
}
