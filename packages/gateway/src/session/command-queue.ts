import { CommandError, type ClosedError } from '../errors.ts'

/** A command that waits for its turn. */
export interface QueuedCommand {
  readonly op: number
  readonly payload: string | Buffer
  readonly isPresence: boolean
  readonly sent: () => void
  readonly failed: (error: CommandError | ClosedError) => void
}

/**
 * Commands in the order they were given, bounded, surviving reconnects. Presence updates wait beside the
 * others: only the newest counts, and their stricter limit must not hold up the rest.
 */
export class CommandQueue {
  readonly limit: number
  #commands: QueuedCommand[] = []
  #head = 0
  #presence: QueuedCommand | undefined
  #closedWith: ClosedError | undefined

  constructor(limit: number) {
    this.limit = limit
  }

  get size(): number {
    return this.#commands.length - this.#head + (this.#presence ? 1 : 0)
  }

  /** The presence update that waits. */
  get presence(): QueuedCommand | undefined {
    return this.#presence
  }

  /** The oldest of the other commands. */
  get next(): QueuedCommand | undefined {
    return this.#commands[this.#head]
  }

  /** A command that comes after the end fails at once. @throws CommandError COMMAND_QUEUE_FULL */
  push(command: QueuedCommand): void {
    if (this.#closedWith !== undefined) {
      command.failed(this.#closedWith)
      return
    }
    if (command.isPresence) {
      const superseded = this.#presence
      this.#presence = command
      superseded?.failed(new CommandError('COMMAND_SUPERSEDED', 'a newer presence replaced this one'))
      return
    }
    if (this.size >= this.limit) {
      throw new CommandError(
        'COMMAND_QUEUE_FULL',
        `${this.size} commands already wait to be sent; wait for some to leave, or raise commandQueueLimit`,
        { context: { limit: this.limit } },
      )
    }
    this.#commands.push(command)
  }

  takePresence(): QueuedCommand | undefined {
    const command = this.#presence
    this.#presence = undefined
    return command
  }

  takeNext(): QueuedCommand | undefined {
    const command = this.next
    if (command === undefined) return undefined
    this.#head += 1
    // The array is cut only now and then, so that taking stays O(1).
    if (this.#head === this.#commands.length || this.#head > 256) {
      this.#commands = this.#commands.slice(this.#head)
      this.#head = 0
    }
    return command
  }

  /** Fails everything that waits, and from now on what comes; returns how many waited. */
  close(error: ClosedError): number {
    this.#closedWith = error
    const waiting = this.#commands.slice(this.#head)
    if (this.#presence) waiting.push(this.#presence)
    this.#commands = []
    this.#head = 0
    this.#presence = undefined
    for (const command of waiting) command.failed(error)
    return waiting.length
  }
}
