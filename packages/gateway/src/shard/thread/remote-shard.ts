import { ShardTrace } from '../../diagnostics/shard-trace.ts'
import { ClosedError, type GatewayError } from '../../errors.ts'
import type { GatewayCommand, PresenceUpdate } from '../../protocol/commands.ts'
import { Opcode } from '../../protocol/opcodes.ts'
import type { GatewaySession } from '../../session/gateway-session.ts'
import { identifyPayload } from '../../session/identify-payload.ts'
import type { LifecycleData, LifecycleName } from '../../session/lifecycle.ts'
import type { StopMode } from '../../session/session.ts'
import { commandPayload } from '../command-payload.ts'
import { EventBuffer } from '../event-buffer.ts'
import { lifecycleEvent } from '../event-outlet.ts'
import type { GatewayEvent, LifecycleEvent } from '../event.ts'
import { identifyOptions } from '../identify-options.ts'
import { LazyDispatch } from '../lazy-dispatch.ts'
import { newStats, sumOf, type RunnerInfo } from '../shard-info.ts'
import { Reading } from '../reading.ts'
import type { ShardRunner, ShardRunnerOptions } from '../shard-runner.ts'
import { Taps } from '../taps.ts'
import type { FromThread, ToThread } from './message.ts'
import { RemoteCommands } from './remote-commands.ts'
import { ErrorUnpacker } from './transferred-error.ts'
import { unpackLifecycle } from './transferred-lifecycle.ts'
import { unknownInfo } from './unknown-info.ts'

/** A shard whose session lives in another thread; its events, as they arrive, wait in a buffer of this one. */
export class RemoteShard implements ShardRunner {
  readonly options: ShardRunnerOptions
  /** Answers whether there is a thread that got the message. */
  readonly #post: (message: ToThread) => boolean
  readonly #buffer: EventBuffer
  readonly #ready = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<ClosedError>()
  readonly #taps = new Taps()
  readonly #reading: Reading
  readonly #trace: ShardTrace
  readonly #commands: RemoteCommands
  readonly #unpacker = new ErrorUnpacker()
  #state: 'idle' | 'started' | 'stopped' = 'idle'
  #stopMode: StopMode | undefined
  /** Whether the events went to the stream when the shard was stopped; later the stream is over for everybody. */
  #wasStreamed: boolean | undefined
  #presence: PresenceUpdate | undefined
  /** The session up to what arrived in this thread. */
  #session: GatewaySession | undefined
  #info: RunnerInfo
  #isLooking = false
  /** What the threads before counted. */
  #statsBefore = newStats()
  /** The store is served from this thread. */
  #storeFailures = 0
  /** Who wants an event is known in this thread. */
  #delivered = 0

  constructor(options: ShardRunnerOptions, post: (message: ToThread) => boolean) {
    this.options = options
    this.#post = post
    const { common, sink, budget, id, shardCount, presence } = options
    this.#setPresence(presence)
    this.#commands = new RemoteCommands(common.commandQueueLimit)
    this.#info = unknownInfo(options)
    this.#trace = new ShardTrace({ shardId: id, shardCount, token: common.token })
    this.#reading = new Reading(budget, (isHeld) => this.#tell({ kind: 'hold', shardId: id, isHeld }))
    this.#buffer = new EventBuffer(common.highWaterMark, budget, {
      readable: () => sink.readable(this.#buffer),
      setPaused: (isFull) => this.#reading.setConsumerBehind(isFull),
    })
    sink.add(this.#buffer)
    this.#ready.promise.catch(() => undefined)
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get closed(): Promise<ClosedError> {
    return this.#closed.promise
  }

  /** Whether a thread must run it. */
  get isStarted(): boolean {
    return this.#state === 'started'
  }

  start(session: GatewaySession | undefined): void {
    if (this.#state !== 'idle') return
    this.#session = session
    if (session) this.#info = { ...this.#info, sessionId: session.sessionId, sequence: session.sequence }
    this.#state = 'started'
    this.begin()
  }

  async stop(mode: StopMode): Promise<void> {
    this.#stopMode = mode
    this.#wasStreamed ??= this.options.sink.isBuffering
    // What the consumer has not taken by now, the resumed session will bring again.
    if (mode === 'resumable') this.#buffer.end('drop-rest')
    else this.#session = undefined
    const isTold = this.#tell({ kind: 'stop', shardId: this.options.id, mode })
    if (!isTold) this.abandoned(new ClosedError('CLOSED_LOCALLY', 'the shard was stopped'))
    await this.closed
  }

  restart(): void {
    this.#tell({ kind: 'restart', shardId: this.options.id })
  }

  command(command: GatewayCommand | string): Promise<void> {
    const { common, id: shardId } = this.options
    const { op, data } = commandPayload(command, common.codec)
    const isPresence = op === Opcode.PresenceUpdate
    // It also goes into the next IDENTIFY, of a thread that is yet to come too.
    if (isPresence) this.#setPresence(data as PresenceUpdate)
    const text = typeof command === 'string' ? command : JSON.stringify({ op, d: data })
    const { ticket, settled } = this.#commands.add(text, isPresence)
    this.#tell({ kind: 'command', shardId, ticket, text })
    return settled
  }

  resumable(): GatewaySession | undefined {
    const session = this.#session
    // Listeners have handled all that arrived; the stream may still hold some of it, for nobody.
    const isStreamed = this.#wasStreamed ?? this.options.sink.isBuffering
    if (session === undefined || !isStreamed) return session
    const sequence = this.#buffer.acknowledged(session.sessionId, session.sequence)
    return sequence === undefined ? undefined : { ...session, sequence }
  }

  /** What the thread told last, and what this thread knows better. Whoever asks again soon gets a newer answer. */
  info(): RunnerInfo {
    this.look()
    const info = this.#info
    const { events, sizeBytes, isPaused, pauses, dropped } = info.buffer
    const [storeFailures, delivered] = [this.#storeFailures, this.#delivered]
    return {
      ...info,
      sequence: Math.max(info.sequence, this.#arrivedOf(info.sessionId)),
      commands: { ...info.commands, queued: this.#commands.size },
      stats: { ...sumOf(this.#statsBefore, info.stats), storeFailures, delivered },
      buffer: {
        events: events + this.#buffer.size,
        sizeBytes: sizeBytes + this.#buffer.sizeBytes,
        isPaused: isPaused || this.#buffer.isPaused,
        pauses: pauses + this.#buffer.pauses,
        dropped: dropped + this.#buffer.dropped,
      },
    }
  }

  tap(types: readonly string[], callback: (event: GatewayEvent) => void): () => void {
    const end = this.#taps.add(types, callback)
    this.#tellTaps()
    return () => {
      end()
      this.#tellTaps()
    }
  }

  expectReply(): () => void {
    return this.#reading.expect()
  }

  pause(): () => void {
    return this.#reading.pause()
  }

  /** A dispatch arrived; its bytes are a view of the batch that brought it. */
  dispatched(
    type: string,
    sequence: number,
    sessionId: string,
    raw: Buffer,
    start: number,
    end: number,
  ): void {
    const { common, id, sink, wanted } = this.options
    const isWanted = (wanted === undefined || wanted.has(type)) && sink.wants(type)
    const isTapped = this.#taps.wants(type)
    if (!isWanted && !isTapped) return
    const event = new LazyDispatch(type, id, sequence, sessionId, raw, common.codec, start, end)
    const typed = event as unknown as GatewayEvent
    if (isTapped) this.#taps.call(typed)
    if (!isWanted) return
    this.#delivered += 1
    sink.push(typed, this.#buffer)
  }

  /** A life-cycle event arrived. */
  happened(type: string, packedData: unknown): void {
    if (type === 'SHARD_CONNECTED') this.#ready.resolve()
    this.lifecycle(type as LifecycleEvent['type'], unpackLifecycle(packedData, this.#unpacker))
  }

  /** Asks for a newer state, once until it comes. */
  look(): void {
    if (!this.#isLooking) this.#isLooking = this.#tell({ kind: 'look', shardId: this.options.id })
  }

  /** A newer state arrived. */
  informed(info: RunnerInfo): void {
    this.#isLooking = false
    this.#info = info
  }

  /** The session up to what has arrived; `undefined` if there is none, or no longer. */
  sessionReached(session: GatewaySession | undefined): void {
    // One that is being ended needs no resume.
    if (this.#stopMode !== 'end') this.#session = session
  }

  handle(message: Extract<FromThread, { readonly kind: 'closed' | 'sent' | 'unsent' }>): void {
    if (message.kind === 'closed') this.#stopped(this.#unpacker.closedError(message.reason))
    else if (message.kind === 'sent') this.#commands.settle(message.ticket)
    else this.#commands.settle(message.ticket, this.#unpacker.gatewayError(message.error))
  }

  /** The thread crashed and another one follows after `delayMs`, in which the session is resumed. */
  threadCrashed(error: GatewayError, attempt: number, delayMs: number): void {
    if (this.#stopMode !== undefined) {
      this.abandoned(new ClosedError('CLOSED_LOCALLY', 'the shard was stopped', { cause: error }))
      return
    }
    const resume = this.#session !== undefined
    const crash = { ...newStats(), disconnects: 1, reconnectsByCause: { thread: 1 } }
    this.#statsBefore = sumOf(sumOf(this.#statsBefore, this.#info.stats), crash)
    this.#info = { ...this.#info, phase: 'waiting', stats: newStats() }
    this.lifecycle('SHARD_DISCONNECTED', {
      cause: 'thread',
      code: 1006,
      reason: '',
      willResume: resume,
      error,
    })
    this.lifecycle('SHARD_RECONNECTING', { attempt, delayMs, resume })
  }

  /** A thread is there: it begins where the one before, if any, ended. */
  begin(): void {
    const { id: shardId, shardCount, gatewayUrl } = this.options
    const [presence, session] = [this.#presence, this.#session]
    this.#info = { ...this.#info, phase: 'connecting' }
    this.#isLooking = false
    this.#tell({ kind: 'start', shardId, shardCount, gatewayUrl, presence, session })
    if (this.#taps.types.length > 0) this.#tellTaps()
    if (this.#reading.isPaused) this.#tell({ kind: 'hold', shardId, isHeld: true })
    // Commands that may have left with the thread before are sent again: twice is better than never.
    for (const [ticket, text] of this.#commands.texts) this.#tell({ kind: 'command', shardId, ticket, text })
  }

  /** It stops without a thread: there is none, or none can be kept alive. */
  abandoned(reason: ClosedError): void {
    if (this.#state === 'stopped') return
    this.lifecycle('SHARD_CLOSED', { reason, unsentCommands: this.#commands.size })
    this.#stopped(reason)
  }

  #stopped(reason: ClosedError): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    if (this.#info.phase !== 'stopped') {
      // There was no thread to tell it.
      const { sessionId, sequence } = this.#session ?? { sessionId: undefined, sequence: 0 }
      this.#info = { ...this.#info, phase: 'stopped', sessionId, sequence }
    }
    this.#buffer.end(this.#stopMode === 'resumable' ? 'drop-rest' : 'deliver-rest')
    this.#commands.close(reason)
    this.#ready.reject(reason)
    this.#closed.resolve(reason)
  }

  lifecycle<Name extends LifecycleName>(type: Name, data: LifecycleData[Name]): void {
    if (type === 'SHARD_SESSION_STORE_ERROR') this.#storeFailures += 1
    this.#trace.lifecycle(type, data)
    const event = lifecycleEvent(type, this.options.id, data)
    this.#taps.call(event)
    this.options.sink.push(event, this.#buffer)
  }

  #tellTaps(): void {
    this.#tell({ kind: 'taps', shardId: this.options.id, types: this.#taps.types })
  }

  #tell(message: ToThread): boolean {
    return this.#state === 'started' && this.#post(message)
  }

  /** @throws ConfigError CONFIG_INVALID if IDENTIFY would become too large */
  #setPresence(presence: PresenceUpdate | undefined): void {
    const { common } = this.options
    identifyPayload({ codec: common.codec, identify: identifyOptions(this.options) }, presence)
    this.#presence = presence
  }

  /** The sequence of the newest dispatch of a session in this thread, which may know of more than the last state. */
  #arrivedOf(sessionId: string | undefined): number {
    return this.#session?.sessionId === sessionId ? (this.#session?.sequence ?? 0) : 0
  }
}
