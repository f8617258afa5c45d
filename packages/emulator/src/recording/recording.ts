import { open } from 'node:fs/promises'
import type { Writable } from 'node:stream'

import type { Bot, DispatchTap } from '../bot/bot.ts'
import { jsonEncoding } from '../encoding/json-encoding.ts'
import type { Gateway } from '../gateway.ts'
import type { SentDispatch } from '../session/replay-buffer.ts'
import type { Session } from '../session/session.ts'
import { headerLine, lineHead, sessionBound } from './format.ts'

/** What is recorded. */
export interface RecordOptions {
  /** Index of the bot whose sessions are recorded. Default 0. */
  readonly bot?: number
}

/** What a recording holds. */
export interface RecordingResult {
  /** Dispatches written. */
  readonly events: number
  /** All bytes written, the header included. */
  readonly bytes: number
}

const lineEnd = Buffer.from('}\n')

/** A stream of dispatches on its way into a file or another stream, one line each. */
export class Recording implements AsyncDisposable {
  readonly #gateway: Gateway
  readonly #bot: Bot
  readonly #stream: Writable
  /** Whether the stream was opened here, and is closed here. */
  readonly isFile: boolean
  readonly #ended = Promise.withResolvers<void>()
  readonly #startedAtMs: number
  readonly #tap: DispatchTap = (session, dispatch) => this.#take(session, dispatch)
  /** Those who wait for the stream. */
  readonly #waiting = new Set<() => void>()
  #events = 0
  #bytes = 0
  #failure: Error | undefined
  #stopped: Promise<RecordingResult> | undefined

  private constructor(gateway: Gateway, bot: Bot, stream: Writable, isFile: boolean) {
    this.#gateway = gateway
    this.#bot = bot
    this.#stream = stream
    this.isFile = isFile
    this.#startedAtMs = gateway.settings.clock.now()
    stream.on('error', this.#fail)
    stream.on('close', this.#closed)
    this.#write(Buffer.from(headerLine(gateway.settings.seed, gateway.settings.shards)))
    bot.taps.add(this.#tap)
    gateway.recordings.add(this)
  }

  /** Starts at once. @throws Node's error for a file that cannot be written. */
  static async start(gateway: Gateway, bot: Bot, target: string | URL | Writable): Promise<Recording> {
    if (typeof target !== 'string' && !(target instanceof URL)) {
      return new Recording(gateway, bot, target, false)
    }
    const file = await open(target, 'w')
    return new Recording(gateway, bot, file.createWriteStream(), true)
  }

  /** Resolves when nothing more is recorded: it was stopped, or its stream failed. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Dispatches written until now. */
  get events(): number {
    return this.#events
  }

  /** Whether dispatches are still recorded. */
  get open(): boolean {
    return this.#bot.taps.has(this.#tap)
  }

  /** Bytes that the stream has not written yet. */
  get bufferedBytes(): number {
    return this.#stream.writableLength
  }

  /** Resolves when the stream has taken what was written, or the recording has ended. */
  async drained(): Promise<void> {
    if (!this.#stream.writableNeedDrain || !this.open) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.once('drain', resolve)
    this.#waiting.add(resolve)
    await promise
    this.#stream.off('drain', resolve)
    this.#waiting.delete(resolve)
  }

  /**
   * Ends the recording and resolves when all of it is written. A file is closed, a stream that was given stays open.
   * Rejects with what ended it early: the stream's error, or that it was written slower than events came.
   */
  async stop(): Promise<RecordingResult> {
    this.#stopped ??= this.#finish()
    return this.#stopped
  }

  /** As {@link Recording.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #take(session: Session, dispatch: SentDispatch): void {
    if (sessionBound.has(dispatch.type) || !session.bot.sessions.leads(session)) return
    const { clock, maxBufferedBytes } = this.#gateway.settings
    const head = lineHead(clock.now() - this.#startedAtMs, session.shardId)
    this.#write(Buffer.concat([Buffer.from(head), jsonPayload(dispatch), lineEnd]))
    this.#events++
    const waiting = this.#stream.writableLength
    if (waiting > maxBufferedBytes) {
      const error = new Error(
        `twilight-emulator: ${waiting} bytes of the recording are waiting to be written`,
      )
      this.#fail(error)
      this.#stream.destroy(error)
    }
  }

  #write(bytes: Buffer): void {
    this.#bytes += bytes.length
    this.#stream.write(bytes)
  }

  async #finish(): Promise<RecordingResult> {
    this.#detach()
    this.#gateway.recordings.delete(this)
    const stream = this.#stream
    if (this.#failure === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>()
      // Whatever comes first: a stream that fails or closes may never call back.
      stream.once('close', resolve)
      if (this.isFile) stream.end()
      else stream.write('', (error) => (error ? this.#fail(error) : resolve()))
      await promise
      stream.off('close', resolve)
    }
    stream.off('close', this.#closed)
    if (this.isFile) stream.destroy()
    stream.off('error', this.#fail)
    if (this.#failure !== undefined) throw this.#failure
    return { events: this.#events, bytes: this.#bytes }
  }

  #detach(): void {
    this.#bot.taps.delete(this.#tap)
    this.#ended.resolve()
    for (const wake of this.#waiting) wake()
  }

  readonly #closed = (): void => {
    if (this.#stopped === undefined || !this.isFile) {
      this.#fail(new Error('twilight-emulator: the stream of the recording was closed before its end'))
    }
  }

  readonly #fail = (error: Error): void => {
    this.#failure ??= error
    this.#detach()
  }
}

/** A dispatch as a session of JSON gets it, whatever the encoding in which it was sent. */
function jsonPayload(dispatch: SentDispatch): Buffer {
  const { encoding, body } = dispatch
  if (encoding === jsonEncoding) return jsonEncoding.dispatch(dispatch)
  return jsonEncoding.dispatch({
    ...dispatch,
    encoding: jsonEncoding,
    body: jsonEncoding.body(encoding.data(body)),
  })
}
