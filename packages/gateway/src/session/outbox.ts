import type { ClosedError } from '../errors.ts'
import { CommandLimiter } from './command-limiter.ts'
import { CommandQueue } from './command-queue.ts'

/**
 * Everything that leaves: heartbeats, IDENTIFY and RESUME at once, commands when the session is live and
 * the limits allow. Every send is counted, whoever made it.
 */
export class Outbox {
  readonly limiter: CommandLimiter
  readonly queue: CommandQueue
  readonly #write: (payload: string | Buffer, op: number) => boolean
  /** The connection takes what is written: until a write says that it does not, and again from the next one on. */
  #isOpen = false

  constructor(
    write: (payload: string | Buffer, op: number) => boolean,
    options: { rateLimit: boolean; commandQueueLimit: number },
  ) {
    this.#write = write
    this.limiter = new CommandLimiter(options.rateLimit)
    this.queue = new CommandQueue(options.commandQueueLimit)
  }

  /** A connection is open, with a budget of its own. */
  connected(): void {
    this.#isOpen = true
    this.limiter.connected()
  }

  /** Sends what the protocol itself demands; false if the connection takes nothing any more. */
  send(op: number, payload: string | Buffer, nowMs: number): boolean {
    this.#isOpen &&= this.#write(payload, op)
    if (this.#isOpen) this.limiter.sent(nowMs)
    return this.#isOpen
  }

  /** Sends the commands that may leave now. What the connection does not take waits for the next one. */
  flush(nowMs: number): void {
    for (let command = this.queue.presence; command !== undefined; command = this.queue.presence) {
      if (this.limiter.presenceAt(nowMs) > nowMs || !this.send(command.op, command.payload, nowMs)) break
      this.limiter.presenceSent(nowMs)
      this.queue.takePresence()?.sent()
    }
    for (let command = this.queue.next; command !== undefined; command = this.queue.next) {
      if (this.limiter.commandAt(nowMs) > nowMs || !this.send(command.op, command.payload, nowMs)) break
      this.queue.takeNext()?.sent()
    }
  }

  /** When `flush` will have something to do; Infinity if nothing waits, or nothing is taken. */
  wakeAtMs(nowMs: number): number {
    if (!this.#isOpen) return Infinity
    const presenceAtMs = this.queue.presence ? this.limiter.presenceAt(nowMs) : Infinity
    const otherAtMs = this.queue.next ? this.limiter.commandAt(nowMs) : Infinity
    return Math.min(presenceAtMs, otherAtMs)
  }

  /** Fails what waits; returns how many commands that were. */
  close(error: ClosedError): number {
    return this.queue.close(error)
  }
}
