/** Folds one more key into a 32-bit hash (the finaliser of MurmurHash3). */
function fold(hash: number, key: number): number {
  let mixed = (Math.imul(hash, 0x9e37_79b1) ^ key) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return mixed ^ (mixed >>> 16)
}

const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/**
 * A seeded generator (mulberry32) that starts from a hash of keys, such as seed, guild, kind and index: each thing
 * of a world has its own numbers, whatever was asked for before.
 */
export class KeyedRandom {
  #state: number

  constructor(seed: number, first = 0, second = 0, third = 0) {
    this.#state = fold(fold(fold(fold(0x2545_f491, seed), first), second), third)
  }

  /** An unsigned 32-bit integer. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** A float in [0, 1). */
  next(): number {
    return this.bits() / 4_294_967_296
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** An integer in [min, max]. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of the items. @throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** A number with the standard normal distribution (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }

  /** 32 lower-case hex digits, as image hashes and voice session ids have. */
  hash(): string {
    return this.#hex() + this.#hex() + this.#hex() + this.#hex()
  }

  #hex(): string {
    const bits = this.bits()
    const high = `${hexBytes[bits >>> 24]}${hexBytes[(bits >>> 16) & 255]}`
    return `${high}${hexBytes[(bits >>> 8) & 255]}${hexBytes[bits & 255]}`
  }
}
