import type { IdentifyPermit, IdentifyQueue } from '../../queue/identify-queue.ts'
import type { FromThread, ToThread } from './message.ts'
import { packError } from './transferred-error.ts'

type Request = Extract<FromThread, { readonly kind: 'acquire' | 'cancel' | 'spend' | 'release' }>

interface Place {
  readonly controller: AbortController
  permit: IdentifyPermit | undefined
}

/** Stands in the identify queue for the shards of one thread. */
export class IdentifyDesk {
  readonly #post: (message: ToThread) => void
  readonly #places = new Map<number, Place>()

  constructor(post: (message: ToThread) => void) {
    this.#post = post
  }

  handle(request: Request, queueOf: (shardId: number) => IdentifyQueue | undefined): void {
    if (request.kind === 'acquire') {
      const queue = queueOf(request.shardId)
      if (queue !== undefined) void this.#wait(queue, request.shardId, request.ticket)
      return
    }
    const place = this.#places.get(request.ticket)
    if (place === undefined) return
    this.#places.delete(request.ticket)
    if (request.kind === 'spend') place.permit?.spend()
    else place.permit?.release()
    place.controller.abort()
  }

  /** The thread is gone: waits end, and a permit that it may have used counts as used. */
  abandon(): void {
    for (const { controller, permit } of this.#places.values()) {
      permit?.spend()
      controller.abort()
    }
    this.#places.clear()
  }

  async #wait(queue: IdentifyQueue, shardId: number, ticket: number): Promise<void> {
    const place: Place = { controller: new AbortController(), permit: undefined }
    this.#places.set(ticket, place)
    try {
      const permit = await queue.acquire(shardId, place.controller.signal)
      if (this.#places.get(ticket) === place) {
        place.permit = permit
        this.#post({ kind: 'granted', ticket })
      } else permit.release()
    } catch (error) {
      if (!this.#places.delete(ticket)) return
      this.#post({ kind: 'refused', ticket, error: packError(error) })
    }
  }
}
