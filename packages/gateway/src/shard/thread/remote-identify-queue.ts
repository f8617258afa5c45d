import { GatewayError } from '../../errors.ts'
import type { IdentifyPermit, IdentifyQueue } from '../../queue/identify-queue.ts'
import type { FromThread, ToThread } from './message.ts'
import { unpackError } from './transferred-error.ts'

interface Waiter {
  readonly granted: (permit: IdentifyPermit) => void
  readonly refused: (error: unknown) => void
}

/** The main thread's identify queue, as a shard thread sees it. */
export class RemoteIdentifyQueue implements IdentifyQueue {
  readonly #post: (message: FromThread) => void
  readonly #waiters = new Map<number, Waiter>()
  #tickets = 0

  constructor(post: (message: FromThread) => void) {
    this.#post = post
  }

  acquire(shardId: number, signal: AbortSignal): Promise<IdentifyPermit> {
    const ticket = (this.#tickets += 1)
    const { promise, resolve, reject } = Promise.withResolvers<IdentifyPermit>()
    const aborted = (): void => {
      if (this.#waiters.delete(ticket)) this.#post({ kind: 'cancel', ticket })
      reject(new GatewayError('ABORTED', `shard ${shardId} no longer waits to identify`))
    }
    if (signal.aborted) {
      aborted()
      return promise
    }
    const settled = (): void => signal.removeEventListener('abort', aborted)
    this.#waiters.set(ticket, {
      granted: (permit) => {
        settled()
        resolve(permit)
      },
      refused: (error) => {
        settled()
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    })
    signal.addEventListener('abort', aborted, { once: true })
    this.#post({ kind: 'acquire', shardId, ticket })
    return promise
  }

  /** An answer came. One that crossed with our `cancel` needs nothing: the main thread settles it. */
  answered(message: Extract<ToThread, { readonly kind: 'granted' | 'refused' }>): void {
    const { ticket } = message
    const waiter = this.#waiters.get(ticket)
    if (!this.#waiters.delete(ticket) || waiter === undefined) return
    if (message.kind === 'refused') waiter.refused(unpackError(message.error))
    else waiter.granted(this.#permit(ticket))
  }

  #permit(ticket: number): IdentifyPermit {
    let isOpen = true
    const settle = (kind: 'spend' | 'release'): void => {
      if (isOpen) this.#post({ kind, ticket })
      isOpen = false
    }
    return { spend: () => settle('spend'), release: () => settle('release') }
  }
}
