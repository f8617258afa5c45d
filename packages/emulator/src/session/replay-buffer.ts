import type { Encoding } from '../encoding/encoding.ts'

/** One dispatch as it was sent. */
export interface SentDispatch {
  readonly sequence: number
  readonly type: string
  readonly encoding: Encoding
  /** Its data, written in that encoding. */
  readonly body: Buffer
}

/** The newest dispatches of a session, kept for a resume; the oldest fall out. */
export class ReplayBuffer {
  readonly #cap: number
  readonly #ring: SentDispatch[] = []
  #last = 0

  constructor(cap: number) {
    this.#cap = Math.max(1, cap)
  }

  push(dispatch: SentDispatch): void {
    this.#ring[dispatch.sequence % this.#cap] = dispatch
    this.#last = dispatch.sequence
  }

  /** Everything after `sequence` in order, or undefined when some of it has fallen out. */
  after(sequence: number): readonly SentDispatch[] | undefined {
    const missed: SentDispatch[] = []
    for (let wanted = sequence + 1; wanted <= this.#last; wanted++) {
      const dispatch = this.#ring[wanted % this.#cap]
      if (dispatch?.sequence !== wanted) return undefined
      missed.push(dispatch)
    }
    return missed
  }

  clear(): void {
    this.#ring.length = 0
  }
}
