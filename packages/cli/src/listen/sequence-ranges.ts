/** A set of sequences, kept as ranges: what arrives without gaps takes no memory however much it is. */
export class SequenceRanges {
  /** Ascending, disjoint and not adjacent; both ends included. */
  readonly #ranges: [first: number, last: number][] = []
  #size = 0

  /** How many different sequences were added. */
  get size(): number {
    return this.#size
  }

  /** The highest sequence; 0 if there is none. */
  get last(): number {
    return this.#ranges.at(-1)?.[1] ?? 0
  }

  /** Adds a sequence; `false` if it was there. */
  add(sequence: number): boolean {
    const ranges = this.#ranges
    let index = ranges.length - 1
    while (index >= 0 && (ranges[index]?.[0] ?? 0) > sequence) index -= 1
    const before = ranges[index]
    if (before !== undefined && sequence <= before[1]) return false
    const after = ranges[index + 1]
    const joinsBefore = before?.[1] === sequence - 1
    const joinsAfter = after?.[0] === sequence + 1
    if (joinsBefore && joinsAfter) {
      before[1] = after[1]
      ranges.splice(index + 1, 1)
    } else if (joinsBefore) before[1] = sequence
    else if (joinsAfter) after[0] = sequence
    else ranges.splice(index + 1, 0, [sequence, sequence])
    this.#size += 1
    return true
  }
}
