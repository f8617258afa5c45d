import { ShardTrace } from '../diagnostics/shard-trace.ts'
import type { ClosedError, GatewayError } from '../errors.ts'
import type { GatewayCommand, PresenceUpdate } from '../protocol/commands.ts'
import { Opcode } from '../protocol/opcodes.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { LifecycleData, LifecycleName } from '../session/lifecycle.ts'
import type { SessionPort } from '../session/session-port.ts'
import { Session, type StopMode } from '../session/session.ts'
import { withoutToken } from '../token.ts'
import type { Header } from '../wire/header.ts'
import { GatewaySocket } from '../wire/socket.ts'
import { gatewayUrl } from '../wire/url.ts'
import { commandPayload } from './command-payload.ts'
import { EventBuffer } from './event-buffer.ts'
import { lifecycleEvent } from './event-outlet.ts'
import type { GatewayEvent } from './event.ts'
import { identifyOptions } from './identify-options.ts'
import { IdentifyWait } from './identify-wait.ts'
import { LazyDispatch } from './lazy-dispatch.ts'
import { Reading } from './reading.ts'
import { ShardCounters } from './shard-counters.ts'
import type { RunnerInfo } from './shard-info.ts'
import type { ShardRunner, ShardRunnerOptions } from './shard-runner.ts'
import { Taps } from './taps.ts'
import { WakeTimer } from './wake-timer.ts'

/**
 * Connects the session machine to a socket, a timer, the identify queue and the event stream. One message goes
 * through `payload` in one synchronous pass: header, session, stream.
 */
export class ShardDriver implements ShardRunner {
  readonly session: Session
  readonly buffer: EventBuffer
  readonly #ready = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<ClosedError>()
  readonly #taps = new Taps()
  readonly #reading: Reading
  readonly #options: ShardRunnerOptions
  readonly #counters = new ShardCounters()
  readonly #trace: ShardTrace
  readonly #timer: WakeTimer
  readonly #identifyWait: IdentifyWait
  #socket: GatewaySocket | undefined
  /** Gives up the place in the gate or in its line. */
  #leaveGate: (() => boolean) | undefined
  #url: string | undefined
  #stopMode: StopMode | undefined
  /** Whether the events went to the stream when the shard was stopped; later the stream is over for everybody. */
  #wasStreamed: boolean | undefined

  constructor(options: ShardRunnerOptions) {
    this.#options = options
    const { common, sink, budget } = options
    const { clock, random, token } = common
    this.#trace = new ShardTrace({ shardId: options.id, shardCount: options.shardCount, token })
    this.#timer = new WakeTimer(clock, () => this.session.tick())
    this.#identifyWait = new IdentifyWait({
      queue: options.identifyQueue,
      shardId: options.id,
      clock,
      random,
      trace: this.#trace,
      granted: (permit) => this.session.granted(permit),
      failed: (error) => this.lifecycle('SHARD_IDENTIFY_QUEUE_ERROR', { error }),
    })
    this.#reading = new Reading(budget, (isPaused) => this.#setPaused(isPaused))
    this.buffer = new EventBuffer(common.highWaterMark, budget, {
      readable: () => sink.readable(this.buffer),
      setPaused: (isFull) => this.#reading.setConsumerBehind(isFull),
    })
    sink.add(this.buffer)
    this.session = this.#createSession()
    // Both promises are for whoever asks; nobody has to.
    this.#ready.promise.catch(() => undefined)
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get closed(): Promise<ClosedError> {
    return this.#closed.promise
  }

  start(session: GatewaySession | undefined): void {
    this.session.start(session)
  }

  restart(): void {
    this.session.restart()
  }

  tap(types: readonly string[], callback: (event: GatewayEvent) => void): () => void {
    return this.#taps.add(types, callback)
  }

  expectReply(): () => void {
    return this.#reading.expect()
  }

  pause(): () => void {
    return this.#reading.pause()
  }

  command(command: GatewayCommand | string): Promise<void> {
    const { payload, op, data } = commandPayload(command, this.#options.common.codec)
    const isPresence = op === Opcode.PresenceUpdate
    if (isPresence) this.session.setPresence(data as PresenceUpdate)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Not awaiting a command is fine: what became of it is also in SHARD_CLOSED.
    promise.catch(() => undefined)
    this.session.outbox.queue.push({ op, payload, isPresence, sent: resolve, failed: reject })
    this.session.commandQueued()
    return promise
  }

  async stop(mode: StopMode): Promise<void> {
    this.#stopMode = mode
    this.#wasStreamed ??= this.#options.sink.isBuffering
    // What the consumer has not taken by now, the resumed session will bring again.
    if (mode === 'resumable') this.buffer.end('drop-rest')
    this.session.stop(mode)
    await this.closed
  }

  resumable(): GatewaySession | undefined {
    const { current } = this.session
    // Listeners have handled all that was received; the stream may still hold some of it, for nobody.
    const isStreamed = this.#wasStreamed ?? this.#options.sink.isBuffering
    if (current === undefined || !isStreamed) return current
    const sequence = this.buffer.acknowledged(current.sessionId, current.sequence)
    return sequence === undefined ? undefined : { ...current, sequence }
  }

  info(): RunnerInfo {
    const { session, buffer } = this
    const { waits: identifyWaits, waitedMs: identifyWaitMs } = this.#identifyWait
    const inflater = this.#socket?.inflater
    const nowMs = this.#options.common.clock.now()
    const { limiter, queue } = session.outbox
    return {
      id: this.#options.id,
      shardCount: this.#options.shardCount,
      phase: session.phase,
      sessionId: session.current?.sessionId,
      sequence: session.current?.sequence ?? 0,
      gatewayUrl: this.#url,
      latency: {
        averageMs: session.heartbeat.latency.averageMs,
        recentMs: session.heartbeat.latency.recentMs,
      },
      attempt: session.attempt,
      commands: {
        available: limiter.available(nowMs),
        refillMs: Math.max(0, limiter.commandAt(nowMs) - nowMs),
        queued: queue.size,
      },
      inflater: {
        inBytes: inflater?.bytesIn ?? 0,
        outBytes: inflater?.bytesOut ?? 0,
        capacityBytes: inflater?.capacityBytes ?? 0,
      },
      buffer: {
        events: buffer.size,
        sizeBytes: buffer.sizeBytes,
        isPaused: buffer.isPaused,
        pauses: buffer.pauses,
        dropped: buffer.dropped,
      },
      stats: this.#counters.snapshot(this.#socket, { identifyWaits, identifyWaitMs }),
    }
  }

  #createSession(): Session {
    const { common, gatewayUrl: bootstrapUrl, presence } = this.#options
    const { clock, random } = common
    const port: SessionPort = {
      now: () => clock.now(),
      random,
      connect: (url) => this.#connect(url),
      send: (payload, op) => this.#send(payload, op),
      close: (code) => this.#socket?.close(code),
      terminate: () => this.#terminate(),
      wakeAt: (atMs) => this.#timer.wakeAt(atMs),
      requestIdentify: () => this.#identifyWait.begin(),
      cancelIdentify: () => this.#identifyWait.cancel(),
      deliver: (header, payload, sessionId) => this.#deliver(header, payload, sessionId),
      lifecycle: (type, data) => this.lifecycle(type, data),
      stopped: (reason) => this.#stopped(reason),
    }
    return new Session(
      {
        identify: identifyOptions(this.#options),
        codec: common.sessionCodec ?? common.codec,
        bootstrapUrl,
        presence,
        timeouts: common.timeouts,
        backoff: common.backoff,
        rateLimit: common.rateLimit,
        commandQueueLimit: common.commandQueueLimit,
      },
      port,
    )
  }

  #connect(url: string): void {
    this.#url = url
    this.#leaveGate = this.#options.common.connectGate.enter(() => this.#open(url))
  }

  #terminate(): void {
    if (this.#socket !== undefined) this.#socket.terminate()
    // Nothing was opened yet. As for a socket, the end is not told within the call.
    else if (this.#leaveGate?.() === true) process.nextTick(() => this.session.closed(1006, ''))
  }

  #open(url: string): void {
    const { common } = this.#options
    this.#counters.connecting()
    this.#socket = new GatewaySocket(
      {
        url: gatewayUrl(url, common.compression, common.codec.encoding),
        compression: common.compression,
        zlib: common.zlib,
        connectTimeoutMs: common.timeouts.connectMs,
        closeTimeoutMs: common.timeouts.closeMs,
        maxMessageBytes: common.maxMessageBytes,
        maxInflatedBytes: common.maxInflatedBytes,
        clock: common.clock,
        codec: common.codec,
        ...(common.agent ? { agent: common.agent } : {}),
        ...(common.tls ? { tls: common.tls } : {}),
      },
      {
        opened: () => this.#opened(url),
        payload: (header, bytes) => this.#payload(header, bytes),
        closed: ({ code, reason, error }) => this.#socketClosed(code, reason, error),
      },
    )
  }

  #opened(url: string): void {
    this.#leaveGate?.()
    this.#trace.opened(url)
    this.session.opened()
  }

  #send(payload: string | Buffer, op: number): boolean {
    const isSent = this.#socket?.send(payload) ?? false
    if (isSent) this.#trace.sent(op, payload)
    return isSent
  }

  #payload(header: Header, bytes: Buffer): void {
    this.#counters.payload(header, bytes)
    this.#trace.received(header, bytes)
    this.session.receive(header, bytes)
  }

  #socketClosed(code: number, reason: string, error: GatewayError | undefined): void {
    this.#leaveGate?.()
    this.#counters.connectionEnded(this.#socket, error)
    this.#socket = undefined
    this.session.closed(code, withoutToken(reason, this.#options.common.token), error)
  }

  #deliver(header: Header, payload: Buffer, sessionId: string): void {
    const { common, wanted, sink, id } = this.#options
    const { type } = header
    const isWanted = (wanted === undefined || wanted.has(type)) && sink.wants(type)
    const isTapped = this.#taps.wants(type)
    if (!isWanted && !isTapped) return
    const { sequence, dataStart, dataEnd } = header
    const event = new LazyDispatch(
      type,
      id,
      Math.max(0, sequence),
      sessionId,
      payload,
      common.codec,
      dataStart,
      dataEnd,
    )
    // The runtime form of the union: `type` decides what `data` is, and Discord decides both.
    const typed = event as unknown as GatewayEvent
    if (isTapped) this.#taps.call(typed)
    if (!isWanted) return
    this.#counters.delivered += 1
    sink.push(typed, this.buffer)
  }

  lifecycle<Name extends LifecycleName>(type: Name, data: LifecycleData[Name]): void {
    if (type === 'SHARD_CONNECTED') this.#ready.resolve()
    const event = lifecycleEvent(type, this.#options.id, data)
    this.#counters.lifecycle(event)
    this.#trace.lifecycle(type, data)
    this.#taps.call(event)
    this.#options.sink.push(event, this.buffer)
  }

  #stopped(reason: ClosedError): void {
    this.#timer.cancel()
    this.#identifyWait.cancel()
    this.buffer.end(this.#stopMode === 'resumable' ? 'drop-rest' : 'deliver-rest')
    this.#ready.reject(reason)
    this.#closed.resolve(reason)
  }

  #setPaused(paused: boolean): void {
    if (paused) this.#socket?.pause()
    else this.#socket?.resume()
    this.session.paused(paused)
  }
}
