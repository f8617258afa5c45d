import type { IdentifyPermit, IdentifyQueue } from '../../src/queue/identify-queue.ts'

/** An identify queue whose owner decides, and which does not care whether anybody still waits. */
export class HeldQueue implements IdentifyQueue {
  readonly #waiting: PromiseWithResolvers<IdentifyPermit>[] = []
  spent = 0
  released = 0

  get waiting(): number {
    return this.#waiting.length
  }

  acquire(): Promise<IdentifyPermit> {
    const wait = Promise.withResolvers<IdentifyPermit>()
    this.#waiting.push(wait)
    return wait.promise
  }

  /** Grants the oldest wait. */
  grant(): void {
    this.#waiting.shift()?.resolve({ spend: () => (this.spent += 1), release: () => (this.released += 1) })
  }

  /** Fails the oldest wait. */
  fail(error: Error): void {
    this.#waiting.shift()?.reject(error)
  }
}
