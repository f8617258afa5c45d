import { dispatchNames } from '../protocol/event-names.ts'

/** Names beside the documented ones that are counted apart: a peer may send endlessly many. */
const mostOthers = 64
/** Longer names are counted with the rest. */
const longestName = 64

/** Under this name everything is counted that has no place of its own; spelled as OpenTelemetry spells a remainder. */
export const otherTypes = '_OTHER'

/**
 * Counts dispatches by name. A documented name, whose place the scanner found from the bytes, costs one addition in an
 * array; others cost a map.
 */
export class EventCounts {
  readonly #known = new Float64Array(dispatchNames.length)
  readonly #others = new Map<string, number>()

  /** Counts one. `typeIndex` is the place of `type` in `dispatchNames`; -1 if unknown. */
  count(type: string, typeIndex: number): void {
    if (typeIndex >= 0) this.#known[typeIndex] = (this.#known[typeIndex] ?? 0) + 1
    else this.#countOther(type)
  }

  /** All of them. */
  get total(): number {
    let total = 0
    for (const count of this.#known) total += count
    for (const count of this.#others.values()) total += count
    return total
  }

  /** The names that came and how often, as plain data. */
  snapshot(): Record<string, number> {
    const counts: [name: string, count: number][] = []
    for (const [index, count] of this.#known.entries()) {
      if (count > 0) counts.push([dispatchNames[index] ?? otherTypes, count])
    }
    // Own properties, whatever the names are: even `__proto__`.
    return Object.fromEntries([...counts, ...this.#others])
  }

  #countOther(type: string): void {
    // The scanner looks only at payloads in Discord's own order.
    const index = dispatchNames.indexOf(type as (typeof dispatchNames)[number])
    if (index >= 0) {
      this.#known[index] = (this.#known[index] ?? 0) + 1
      return
    }
    const isNew = !this.#others.has(type)
    const hasPlace = type !== '' && type.length <= longestName && this.#others.size < mostOthers
    const name = isNew && !hasPlace ? otherTypes : type
    this.#others.set(name, (this.#others.get(name) ?? 0) + 1)
  }
}
