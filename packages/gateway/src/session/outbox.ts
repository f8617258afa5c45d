import type { ClosedError } from '../errors.ts'
import { CommandLimiter } from './command-limiter.ts'
import { CommandQueue, type QueuedCommand } from './command-queue.ts'

/**
 * Everything that leaves: heartbeats, IDENTIFY and RESUME at once, commands when the session is live and
 * the limits allow. Every send is counted, whoever made it.
 */
export class Outbox {
  readonly limiter: CommandLimiter
  readonly queue: CommandQueue
  readonly #write: (payload: string | Buffer, op: number) => void

  constructor(
    write: (payload: string | Buffer, op: number) => void,
    options: { rateLimit: boolean; commandQueueLimit: number },
  ) {
    this.#write = write
    this.limiter = new CommandLimiter(options.rateLimit)
    this.queue = new CommandQueue(options.commandQueueLimit)
  }

  /** Sends what the protocol itself demands. */
  send(op: number, payload: string | Buffer, nowMs: number): void {
    this.limiter.sent(nowMs)
    this.#write(payload, op)
  }

  /** Sends the commands that may leave now. */
  flush(nowMs: number): void {
    while (this.queue.hasPresence && this.limiter.presenceAt(nowMs) <= nowMs) {
      this.limiter.presenceSent(nowMs)
      this.#sendCommand(this.queue.takePresence(), nowMs)
    }
    while (this.queue.hasOther && this.limiter.commandAt(nowMs) <= nowMs) {
      this.#sendCommand(this.queue.takeOther(), nowMs)
    }
  }

  /** When `flush` will have something to do; Infinity if nothing waits. */
  wakeAtMs(nowMs: number): number {
    const presenceAtMs = this.queue.hasPresence ? this.limiter.presenceAt(nowMs) : Infinity
    const otherAtMs = this.queue.hasOther ? this.limiter.commandAt(nowMs) : Infinity
    return Math.min(presenceAtMs, otherAtMs)
  }

  /** Fails what waits; returns how many commands that were. */
  close(error: ClosedError): number {
    return this.queue.failAll(error)
  }

  #sendCommand(command: QueuedCommand | undefined, nowMs: number): void {
    if (command === undefined) return
    this.send(command.op, command.payload, nowMs)
    command.sent()
  }
}
