import { CommandError, type ClosedError, type GatewayError } from '../../errors.ts'

interface PendingCommand {
  readonly text: string
  readonly isPresence: boolean
  readonly sent: () => void
  readonly failed: (error: GatewayError) => void
}

/** The commands that a shard thread has not sent yet, in the order in which they were given. */
export class RemoteCommands {
  readonly #limit: number
  readonly #pending = new Map<number, PendingCommand>()
  #presences = 0
  #tickets = 0
  #closedWith: ClosedError | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many wait. Of presence updates it is the newest alone, whatever the thread has not told yet of the others. */
  get size(): number {
    return this.#pending.size - Math.max(0, this.#presences - 1)
  }

  /** The texts by their tickets. */
  get texts(): readonly (readonly [ticket: number, text: string])[] {
    return Array.from(this.#pending, ([ticket, { text }]) => [ticket, text])
  }

  /** Notes a command; one that comes after the end fails at once. @throws CommandError COMMAND_QUEUE_FULL */
  add(text: string, isPresence: boolean): { readonly ticket: number; readonly settled: Promise<void> } {
    const { promise: settled, resolve, reject } = Promise.withResolvers<void>()
    // Not awaiting a command is fine: what became of it is also in SHARD_CLOSED.
    settled.catch(() => undefined)
    const ticket = (this.#tickets += 1)
    if (this.#closedWith !== undefined) {
      reject(this.#closedWith)
      return { ticket, settled }
    }
    if (!isPresence && this.size >= this.#limit) {
      throw new CommandError(
        'COMMAND_QUEUE_FULL',
        `${this.size} commands already wait to be sent; wait for some to leave, or raise commandQueueLimit`,
        { context: { limit: this.#limit } },
      )
    }
    this.#presences += Number(isPresence)
    this.#pending.set(ticket, { text, isPresence, sent: resolve, failed: reject })
    return { ticket, settled }
  }

  /** The thread sent a command, or tells why it never will. */
  settle(ticket: number, error?: GatewayError): void {
    const command = this.#pending.get(ticket)
    if (command === undefined) return
    this.#pending.delete(ticket)
    this.#presences -= Number(command.isPresence)
    if (error === undefined) command.sent()
    else command.failed(error)
  }

  /** Fails everything that waits, and from now on what comes. */
  close(reason: ClosedError): void {
    this.#closedWith = reason
    for (const { failed } of this.#pending.values()) failed(reason)
    this.#pending.clear()
    this.#presences = 0
  }
}
