import type { IdentifyPermit, IdentifyQueue } from '../../src/queue/identify-queue.ts'

/** One wait for a permit, watched: what became of it can be asked at any time. */
export class Claim {
  readonly shardId: number
  readonly #controller = new AbortController()
  #permit: IdentifyPermit | undefined
  #error: unknown

  constructor(queue: IdentifyQueue, shardId: number, onGranted: () => void = () => undefined) {
    this.shardId = shardId
    queue.acquire(shardId, this.#controller.signal).then(
      (permit) => {
        this.#permit = permit
        return onGranted()
      },
      (error: unknown) => {
        this.#error = error
      },
    )
  }

  get isGranted(): boolean {
    return this.#permit !== undefined
  }

  /** What the wait was rejected with. */
  get error(): unknown {
    return this.#error
  }

  /** The permit. Throws if there is none yet. */
  get permit(): IdentifyPermit {
    if (this.#permit === undefined) throw new Error(`shard ${this.shardId} has no permit`)
    return this.#permit
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason)
  }
}

/** The ids of those that have a permit, in the order given. */
export function granted(claims: readonly Claim[]): number[] {
  return claims.filter(({ isGranted }) => isGranted).map(({ shardId }) => shardId)
}
