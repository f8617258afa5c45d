import { ShardTrace } from '../../diagnostics/shard-trace.ts'
import { ClosedError, CommandError, type GatewayError } from '../../errors.ts'
import type { GatewayCommand, PresenceUpdate } from '../../protocol/commands.ts'
import { Opcode } from '../../protocol/opcodes.ts'
import type { GatewaySession } from '../../session/gateway-session.ts'
import type { LifecycleData, LifecycleName } from '../../session/lifecycle.ts'
import type { StopMode } from '../../session/session.ts'
import { commandPayload } from '../command-payload.ts'
import { EventBuffer } from '../event-buffer.ts'
import { lifecycleEvent } from '../event-outlet.ts'
import type { GatewayEvent, LifecycleEvent } from '../event.ts'
import { LazyDispatch } from '../lazy-dispatch.ts'
import { newStats, sumOf, type RunnerInfo } from '../shard-info.ts'
import { Reading } from '../reading.ts'
import type { ShardRunner, ShardRunnerOptions } from '../shard-runner.ts'
import { Taps } from '../taps.ts'
import type { FromThread, ToThread } from './message.ts'
import { unpackClosedError, unpackGatewayError } from './transferred-error.ts'
import { unpackLifecycle } from './transferred-lifecycle.ts'

interface PendingCommand {
  readonly text: string
  readonly sent: () => void
  readonly failed: (error: GatewayError) => void
}

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
  readonly #commands = new Map<number, PendingCommand>()
  #tickets = 0
  #state: 'idle' | 'started' | 'stopped' = 'idle'
  #stopMode: StopMode | undefined
  /** Whether the events went to the stream when the shard was stopped; later the stream is over for everybody. */
  #wasStreamed: boolean | undefined
  #presence: PresenceUpdate | undefined
  /** The session up to what arrived in this thread. */
  #session: GatewaySession | undefined
  #info: RunnerInfo | undefined
  /** What the threads before counted. */
  #statsBefore = newStats()
  /** The store is served from this thread. */
  #storeFailures = 0

  constructor(options: ShardRunnerOptions, post: (message: ToThread) => boolean) {
    this.options = options
    this.#post = post
    this.#presence = options.presence
    const { common, sink, budget, id, shardCount } = options
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
    this.#session = session
    this.#state = 'started'
    this.begin()
  }

  async stop(mode: StopMode): Promise<void> {
    this.#stopMode = mode
    this.#wasStreamed ??= this.options.sink.isBuffering
    // What the consumer has not taken by now, the resumed session will bring again.
    if (mode === 'resumable') this.#buffer.end('drop-rest')
    const reason = new ClosedError('CLOSED_LOCALLY', 'the shard was stopped')
    if (!this.#tell({ kind: 'stop', shardId: this.options.id, mode })) this.#stopped(reason)
    await this.closed
  }

  restart(): void {
    this.#tell({ kind: 'restart', shardId: this.options.id })
  }

  command(command: GatewayCommand | string): Promise<void> {
    const { common, id: shardId } = this.options
    const { op, data } = commandPayload(command, common.codec)
    const isPresence = op === Opcode.PresenceUpdate
    const limit = common.commandQueueLimit
    if (!isPresence && this.#commands.size >= limit) {
      throw new CommandError(
        'COMMAND_QUEUE_FULL',
        `${limit} commands already wait to be sent; wait for some to leave, or raise commandQueueLimit`,
        { context: { limit } },
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => undefined)
    const text = typeof command === 'string' ? command : JSON.stringify(command)
    // A presence also goes into the next IDENTIFY, of a thread that is yet to come too.
    if (isPresence) this.#presence = data as PresenceUpdate
    if (this.#state === 'stopped') {
      reject(new ClosedError('CLOSED_LOCALLY', 'the shard was stopped'))
      return promise
    }
    const ticket = (this.#tickets += 1)
    this.#commands.set(ticket, { text, sent: resolve, failed: reject })
    this.#tell({ kind: 'command', shardId, ticket, text })
    return promise
  }

  resumable(): GatewaySession | undefined {
    const session = this.#session
    // Listeners have handled all that arrived; the stream may still hold some of it, for nobody.
    const isStreamed = this.#wasStreamed ?? this.options.sink.isBuffering
    if (session === undefined || !isStreamed) return session
    const sequence = this.#buffer.acknowledged(session.sessionId, session.sequence)
    return sequence === undefined ? undefined : { ...session, sequence }
  }

  info(): RunnerInfo {
    const info = this.#info ?? this.#unknownInfo()
    const { events, sizeBytes, isPaused, pauses, dropped } = info.buffer
    return {
      ...info,
      stats: { ...sumOf(this.#statsBefore, info.stats), storeFailures: this.#storeFailures },
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
    if (isWanted) sink.push(typed, this.#buffer)
  }

  /** A life-cycle event arrived. */
  happened(type: string, packedData: unknown): void {
    if (type === 'SHARD_CONNECTED') this.#ready.resolve()
    this.lifecycle(type as LifecycleEvent['type'], unpackLifecycle(packedData))
  }

  /** A newer state arrived. */
  updated(info: RunnerInfo | undefined, session: GatewaySession | undefined): void {
    if (info !== undefined) this.#info = info
    if (session !== undefined) this.#session = session
  }

  handle(message: Extract<FromThread, { readonly kind: 'closed' | 'sent' | 'unsent' }>): void {
    if (message.kind === 'closed') this.#stopped(unpackClosedError(message.reason))
    else {
      const command = this.#commands.get(message.ticket)
      this.#commands.delete(message.ticket)
      if (message.kind === 'sent') command?.sent()
      else command?.failed(unpackGatewayError(message.error))
    }
  }

  /** The thread crashed and another one follows after `delayMs`, in which the session is resumed. */
  threadCrashed(error: GatewayError, attempt: number, delayMs: number): void {
    if (this.#stopMode !== undefined) {
      this.#stopped(new ClosedError('CLOSED_LOCALLY', 'the shard was stopped', { cause: error }))
      return
    }
    const resume = this.#session !== undefined
    const crash = { ...newStats(), disconnects: 1, reconnectsByCause: { thread: 1 } }
    this.#statsBefore = sumOf(sumOf(this.#statsBefore, this.#info?.stats ?? newStats()), crash)
    if (this.#info) this.#info = { ...this.#info, phase: 'waiting', stats: newStats() }
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
    this.#tell({ kind: 'start', shardId, shardCount, gatewayUrl, presence, session })
    if (this.#taps.types.length > 0) this.#tellTaps()
    if (this.#reading.isPaused) this.#tell({ kind: 'hold', shardId, isHeld: true })
    // Commands that may have left with the thread before are sent again: twice is better than never.
    for (const [ticket, { text }] of this.#commands) this.#tell({ kind: 'command', shardId, ticket, text })
  }

  /** No thread can be kept alive. */
  abandoned(reason: ClosedError): void {
    this.lifecycle('SHARD_CLOSED', { reason, unsentCommands: this.#commands.size })
    this.#stopped(reason)
  }

  #stopped(reason: ClosedError): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#buffer.end(this.#stopMode === 'resumable' ? 'drop-rest' : 'deliver-rest')
    for (const { failed } of this.#commands.values()) failed(reason)
    this.#commands.clear()
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

  /** Before the thread has said anything. */
  #unknownInfo(): RunnerInfo {
    const { id, shardCount, common } = this.options
    return {
      id,
      shardCount,
      phase: this.#state === 'started' ? 'connecting' : this.#state === 'idle' ? 'idle' : 'stopped',
      sessionId: this.#session?.sessionId,
      sequence: this.#session?.sequence ?? 0,
      gatewayUrl: undefined,
      latency: { averageMs: undefined, recentMs: [] },
      attempt: 0,
      commands: { available: common.commandQueueLimit, refillMs: 0, queued: this.#commands.size },
      inflater: { inBytes: 0, outBytes: 0, capacityBytes: 0 },
      buffer: { events: 0, sizeBytes: 0, isPaused: false, pauses: 0, dropped: 0 },
      stats: newStats(),
    }
  }
}
