import type { Clock } from '../../clock.ts'
import { GatewayError, TimeoutError } from '../../errors.ts'
import type { GatewayCommand } from '../../protocol/commands.ts'
import type { GatewayEvent } from '../event.ts'
import type { ShardRunner } from '../shard-runner.ts'

/** Replies that wait to be taken before the shard stops reading. */
const mostWaiting = 8
/** How long a request may rest until it is sent, or until a lost connection is back. */
export const patienceMs = 120_000
/** How long a consumer may leave replies lying; then the request is given up, so that the shard reads again. */
const abandonedAfterMs = 300_000

export interface ReplyStreamOptions {
  readonly runner: ShardRunner
  readonly clock: Clock
  /** Longest wait for the next reply. */
  readonly timeoutMs: number
  /** Names the request in errors. */
  readonly what: string
  readonly signal: AbortSignal | undefined
  /** Names of the events that concern the request. */
  readonly types: readonly string[]
  /** One of them came. */
  readonly saw: (event: GatewayEvent) => void
  /** The first reply is asked for: send the request. */
  readonly begin: () => void
  /** The stream ended, in whatever way. */
  readonly ended?: () => void
}

/**
 * Replies to a request as they come, for one consumer. Nothing is sent before the first is asked for. It always ends:
 * with the last reply, with an error, or by the deadline, which begins anew with every reply.
 */
export class ReplyStream<Reply> implements AsyncIterableIterator<Reply, undefined> {
  readonly #options: ReplyStreamOptions
  readonly #waiting: Reply[] = []
  readonly #aborted = (): void => this.fail(new GatewayError('ABORTED', `${this.#options.what} was aborted`))
  #wanted: PromiseWithResolvers<IteratorResult<Reply, undefined>> | undefined
  #state: 'new' | 'open' | 'ended' = 'new'
  #failure: Error | undefined
  #deadline: unknown
  #untap: (() => void) | undefined
  #unexpect: (() => void) | undefined
  #unpause: (() => void) | undefined

  constructor(options: ReplyStreamOptions) {
    this.#options = options
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Reply, undefined>> {
    if (this.#state === 'new') this.#begin()
    const reply = this.#waiting.shift()
    if (this.#waiting.length === 0 || this.#waiting.length < mostWaiting / 2) this.#readOn()
    if (reply !== undefined) {
      this.#restartDeadline()
      return Promise.resolve({ done: false, value: reply })
    }
    if (this.#state === 'ended') return this.#end()
    this.#wanted ??= Promise.withResolvers()
    return this.#wanted.promise
  }

  /** The consumer wants no more. */
  return(): Promise<IteratorResult<Reply, undefined>> {
    this.#waiting.length = 0
    this.finish()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** A reply came. */
  push(reply: Reply): void {
    if (this.#state !== 'open') return
    if (this.#wanted) {
      this.#wanted.resolve({ done: false, value: reply })
      this.#wanted = undefined
    } else {
      this.#waiting.push(reply)
      if (this.#waiting.length >= mostWaiting) this.#stopReading()
    }
    this.#restartDeadline()
  }

  /** The last reply came. */
  finish(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    const { clock, ended, signal } = this.#options
    clock.clearTimeout(this.#deadline)
    signal?.removeEventListener('abort', this.#aborted)
    this.#untap?.()
    this.#unexpect?.()
    this.#readOn()
    ended?.()
    if (this.#wanted === undefined) return
    const { resolve, reject } = this.#wanted
    this.#wanted = undefined
    const failure = this.#failure
    this.#failure = undefined
    if (failure) reject(failure)
    else resolve({ done: true, value: undefined })
  }

  /** There will be no more replies, for this reason. */
  fail(error: Error): void {
    if (this.#state === 'ended') return
    this.#failure = error
    this.finish()
  }

  /** Waits for the next reply anew; with `extraMs` the request rests for so long first. */
  restartDeadline(extraMs: number): void {
    this.#restartDeadline(extraMs)
  }

  #begin(): void {
    const { begin, runner, saw, signal, types } = this.#options
    this.#state = 'open'
    signal?.addEventListener('abort', this.#aborted, { once: true })
    if (signal?.aborted) {
      this.#aborted()
      return
    }
    this.#untap = runner.tap(types, saw)
    this.#unexpect = runner.expectReply()
    void this.#failWhenClosed()
    this.#restartDeadline(patienceMs)
    try {
      begin()
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #failWhenClosed(): Promise<void> {
    this.fail(await this.#options.runner.closed)
  }

  #end(): Promise<IteratorResult<Reply, undefined>> {
    const failure = this.#failure
    this.#failure = undefined
    return failure ? Promise.reject(failure) : Promise.resolve({ done: true, value: undefined })
  }

  #restartDeadline(extraMs = 0): void {
    const { clock, timeoutMs } = this.#options
    clock.clearTimeout(this.#deadline)
    if (this.#state !== 'open') return
    const isAbandoned = this.#waiting.length > 0
    const delayMs = isAbandoned ? abandonedAfterMs : timeoutMs + extraMs
    this.#deadline = clock.setTimeout(() => this.#timedOut(isAbandoned, delayMs), delayMs)
  }

  #timedOut(isAbandoned: boolean, delayMs: number): void {
    const { what } = this.#options
    const problem = isAbandoned
      ? `replies to ${what} were not taken for ${delayMs} ms`
      : `no reply to ${what} came within ${delayMs} ms`
    this.#waiting.length = 0
    this.fail(new TimeoutError('TIMEOUT_REPLY', problem, { context: { timeoutMs: delayMs } }))
  }

  #stopReading(): void {
    // Said anew: the connection may be another one.
    const before = this.#unpause
    this.#unpause = this.#options.runner.pause()
    before?.()
  }

  #readOn(): void {
    this.#unpause?.()
    this.#unpause = undefined
  }
}

/** Sends a stream's request; what goes wrong ends the stream, and the wait for replies begins when it has left. */
export function sendRequest(
  runner: ShardRunner,
  command: GatewayCommand,
  stream: Pick<ReplyStream<unknown>, 'fail' | 'restartDeadline'>,
): void {
  runner.command(command).then(
    () => stream.restartDeadline(0),
    (error: Error) => stream.fail(error),
  )
}
