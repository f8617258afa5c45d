import type { Clock } from '../clock.ts'

/** A connection that takes longer than this no longer holds its place: one dead host must not keep others out. */
const holdMs = 2_000

/**
 * Lets so many connections be opened at the same time. When Discord deploys, or a network comes back, all shards of a
 * bot reconnect within the same second: this turns the burst of TLS handshakes into a line.
 */
export class ConnectGate {
  readonly #limit: number
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #inside = 0

  constructor(limit: number, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  /** Who waits for a place. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Calls `open` when there is a place: now, or later. The returned function leaves, be it the place or the line, and
   * tells which: true if `open` was not called and will not be.
   */
  enter(open: () => void): () => boolean {
    let leave: (() => void) | undefined
    const begin = (): void => {
      this.#inside += 1
      const timer = this.#clock.setTimeout(() => leave?.(), holdMs)
      leave = () => {
        leave = undefined
        this.#clock.clearTimeout(timer)
        this.#inside -= 1
        this.#next()
      }
      open()
    }
    if (this.#inside < this.#limit) begin()
    else this.#waiting.add(begin)
    return () => {
      leave?.()
      return this.#waiting.delete(begin)
    }
  }

  #next(): void {
    const [begin] = this.#waiting
    if (begin === undefined) return
    this.#waiting.delete(begin)
    begin()
  }
}
