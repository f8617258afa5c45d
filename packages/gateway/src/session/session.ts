import { ClosedError, DecodeError, TimeoutError, type GatewayError } from '../errors.ts'
import { ownCloseCodes } from '../protocol/close-codes.ts'
import type { PresenceUpdate } from '../protocol/commands.ts'
import { Opcode } from '../protocol/opcodes.ts'
import type { PayloadCodec } from '../wire/codec.ts'
import type { Header } from '../wire/header.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'
import { judgeClose, type ConnectionEnd } from './connection-end.ts'
import { readData, readHello, readReady } from './control-payload.ts'
import { validResumeUrl, type GatewaySession, type LiveSession } from './gateway-session.ts'
import { Heartbeat } from './heartbeat.ts'
import { identifyPayload, type IdentifyOptions } from './identify-payload.ts'
import { Outbox } from './outbox.ts'
import { ResumePolicy } from './resume-policy.ts'
import { connectedPhases, type SessionPhase } from './session-phase.ts'
import type { SessionPermit, SessionPort } from './session-port.ts'

/** Deadlines of the machine; those of connect and close belong to the socket. */
export interface SessionTimeouts {
  readonly helloMs: number
  readonly readyMs: number
  /** Longest silence during a replay. */
  readonly resumedMs: number
}

export interface SessionOptions {
  readonly identify: IdentifyOptions
  readonly codec: PayloadCodec
  readonly bootstrapUrl: string
  readonly presence: PresenceUpdate | undefined
  readonly timeouts: SessionTimeouts
  readonly backoff: BackoffOptions
  readonly rateLimit: boolean
  readonly commandQueueLimit: number
}

/** How a shard stops: `end` takes the bot offline, `resumable` leaves the session for a later resume. */
export type StopMode = 'end' | 'resumable'

/** op 9 asks for a random wait in this range, so that a crowd of clients spreads. */
const invalidSessionWaitMs = { min: 1_000, max: 5_000 }

/**
 * The protocol of one shard as a plain object: it touches no socket, no timer and no clock, only its port.
 * Invariant: at most one socket exists at a time, and every phase but `idle`, `live`, `queued` and `stopped`
 * ends by itself, by a deadline of its own or of the socket. A listener may call any input from within any
 * output; what runs after an output looks at the phase again.
 */
export class Session {
  readonly heartbeat = new Heartbeat()
  readonly outbox: Outbox
  readonly #options: SessionOptions
  readonly #port: SessionPort
  readonly #backoff: Backoff
  readonly #resume = new ResumePolicy()
  #phase: SessionPhase = 'idle'
  #session: LiveSession | undefined
  #presence: PresenceUpdate | undefined
  /** When the phase gives up (or, in `waiting`, goes on); Infinity if it has no deadline. */
  #deadlineMs = Infinity
  #liveSinceMs = 0
  /** Dispatches of the replay under way, and how many of them the last look at the deadline saw. */
  #replayed = 0
  #replayedBefore = 0
  /** op 1 came while the send window was full: beat when it has room. */
  #owesBeat = false
  #paused = false
  /** Why the connection is being closed. Invariant: set exactly in phase `closing`. */
  #end: ConnectionEnd | undefined

  constructor(options: SessionOptions, port: SessionPort) {
    this.#options = options
    this.#port = port
    this.#backoff = new Backoff(options.backoff)
    this.outbox = new Outbox((payload, op) => port.send(payload, op), options)
    if (options.presence) this.setPresence(options.presence)
    else identifyPayload(options, undefined)
  }

  get phase(): SessionPhase {
    return this.#phase
  }

  /** Reconnects since the last stable period. */
  get attempt(): number {
    return this.#backoff.attempt
  }

  /** The session as it can be resumed, or `undefined` before the first READY and after its end. */
  get current(): GatewaySession | undefined {
    if (this.#session === undefined) return undefined
    const { shardId, shardCount } = this.#options.identify
    return { ...this.#session, shardId, shardCount }
  }

  /** Input: begin, with a session to resume if there is one. One that was stopped does not begin. */
  start(resumable?: GatewaySession): void {
    if (this.#phase !== 'idle') return
    if (resumable) {
      const { sessionId, sequence } = resumable
      const resumeUrl = validResumeUrl(resumable.resumeUrl, this.#options.bootstrapUrl)
      this.#session = { sessionId, sequence, resumeUrl }
    }
    this.#connect()
    this.#schedule()
  }

  /** Input: the socket is open. */
  opened(): void {
    if (this.#phase !== 'connecting') return
    this.outbox.connected()
    this.#enter('opened', this.#options.timeouts.helloMs)
    this.#schedule()
  }

  /** Input: a payload arrived. */
  receive(header: Header, payload: Buffer): void {
    this.heartbeat.sawFrame()
    // A closing connection still delivers dispatches, but no longer steers the machine.
    const isDispatch =
      header.op === Opcode.Dispatch && (header.type !== 'READY' || this.#phase !== 'identifying')
    if (isDispatch) this.#dispatch(header, payload)
    else if (this.#phase !== 'closing') this.#steer(header, payload)
  }

  /** Input: the socket is gone, whoever closed it. */
  closed(code: number, reason: string, error?: GatewayError): void {
    if (this.#phase === 'idle' || this.#phase === 'waiting' || this.#phase === 'stopped') return
    const end = this.#end ?? judgeClose(this.#phase, code, reason, error)
    if (this.#end === undefined) this.#connectionEnded(end)
    this.#end = undefined
    this.#enter('waiting', Infinity)
    const willResume = this.#session !== undefined && (end.stop === undefined || end.cause === 'local')
    this.#port.lifecycle('SHARD_DISCONNECTED', {
      cause: end.cause,
      code,
      reason,
      willResume,
      error: end.error,
    })
    // The listener may have stopped the session.
    if (this.phase !== 'waiting') return
    if (end.stop) this.#stopped(end.stop)
    else this.#reconnect(end)
    this.#schedule()
  }

  /** Input: an identify permit. It is spent here or given back here. */
  granted(permit: SessionPermit): void {
    if (this.#phase !== 'queued') {
      permit.release()
      return
    }
    this.#enter('identifying', this.#options.timeouts.readyMs)
    const payload = identifyPayload(this.#options, this.#presence)
    if (this.outbox.send(Opcode.Identify, payload, this.#port.now())) {
      permit.spend()
      this.#port.lifecycle('SHARD_IDENTIFYING', { presence: this.#presence !== undefined })
    } else permit.release()
    this.#schedule()
  }

  /** Input: the time asked for with `wakeAt` has come, or any other time. */
  tick(): void {
    const nowMs = this.#port.now()
    if (nowMs >= this.#deadlineMs) this.#deadlinePassed(nowMs)
    if (connectedPhases.has(this.#phase) && nowMs >= this.heartbeat.wakeAtMs) {
      const verdict = this.heartbeat.check(nowMs)
      if (verdict === 'beat') this.#beat(nowMs)
      else if (verdict === 'zombie') this.#timedOut('TIMEOUT_HEARTBEAT', 'zombie', 'heartbeats go unanswered')
    }
    if (this.#owesBeat) this.#answerBeatRequest(nowMs)
    if (this.#phase === 'live') this.outbox.flush(nowMs)
    this.#schedule()
  }

  /** Input: commands were queued. */
  commandQueued(): void {
    if (this.#phase === 'live') this.outbox.flush(this.#port.now())
    this.#schedule()
  }

  /**
   * Input: the presence that the next IDENTIFY carries. A resume keeps Discord's own memory of it.
   * @throws ConfigError CONFIG_INVALID if IDENTIFY would become too large
   */
  setPresence(presence: PresenceUpdate): void {
    identifyPayload(this.#options, presence)
    this.#presence = presence
  }

  /** Input: we stopped reading from the socket, or took it up again. */
  paused(paused: boolean): void {
    const nowMs = this.#port.now()
    this.#paused = paused
    this.heartbeat.setPaused(paused, nowMs)
    if (this.#phase === 'resuming') this.#deadlineMs = nowMs + this.#options.timeouts.resumedMs
    this.#schedule()
  }

  /** Input: close the connection and go on with a new one, by resume if there is a session. */
  restart(): void {
    if (this.#phase === 'waiting') this.#deadlineMs = this.#port.now()
    else if (this.#phase === 'connecting' || connectedPhases.has(this.#phase)) {
      this.#abandon({ cause: 'local', immediate: true })
    }
    this.#schedule()
  }

  /** Input: stop for good. Ends with `stopped` on the port. */
  stop(mode: StopMode, reason = new ClosedError('CLOSED_LOCALLY', 'the shard was stopped')): void {
    const phase = this.#phase
    if (phase === 'stopped') return
    const end: ConnectionEnd = { cause: 'local', stop: reason, voidsSession: mode === 'end' }
    if (phase === 'closing') this.#end = end
    else if (phase === 'idle' || phase === 'waiting') this.#stopped(reason)
    else this.#abandon(end, mode === 'end' ? ownCloseCodes.end : ownCloseCodes.resumable)
    if (mode === 'end') this.#forget()
    this.#schedule()
  }

  #dispatch(header: Header, payload: Buffer): void {
    const session = this.#session
    if (session === undefined) return
    const endsReplay = this.#phase === 'resuming' && header.type === 'RESUMED'
    if (header.sequence > session.sequence) session.sequence = header.sequence
    // A repeat: what came before is not delivered again. (A sequence of 0 is no sequence.)
    else if (header.sequence > 0 && !endsReplay) return
    if (this.#phase === 'resuming' && !endsReplay) this.#replayed += 1
    this.#port.deliver(header, payload, session.sessionId)
    if (endsReplay && this.#phase === 'resuming') this.#live(true, session.sessionId)
  }

  /** READY and everything that is not a dispatch. */
  #steer(header: Header, payload: Buffer): void {
    const nowMs = this.#port.now()
    try {
      if (header.op === Opcode.Dispatch) this.#ready(header, payload)
      else if (header.op === Opcode.Hello) this.#hello(readHello(this.#data(header, payload)), nowMs)
      else if (header.op === Opcode.HeartbeatAck) this.heartbeat.acknowledged(nowMs)
      else if (header.op === Opcode.Heartbeat) this.#answerBeatRequest(nowMs)
      else if (header.op === Opcode.Reconnect) this.#abandon({ cause: 'requested' })
      else if (header.op === Opcode.InvalidSession) this.#invalidSession(this.#data(header, payload) === true)
      // Any other opcode is ignored, as Discord asks of clients.
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#abandon({ cause: 'decode', error })
    }
    this.#schedule()
  }

  #data(header: Header, payload: Buffer): unknown {
    return readData(this.#options.codec, header, payload)
  }

  #hello(heartbeatIntervalMs: number, nowMs: number): void {
    this.heartbeat.start(heartbeatIntervalMs, nowMs, this.#port.random())
    this.outbox.limiter.reserveFor(heartbeatIntervalMs)
    if (this.#phase !== 'opened') return
    if (this.#session === undefined) {
      this.#enter('queued', Infinity)
      this.#port.requestIdentify()
      return
    }
    const { sessionId, sequence } = this.#session
    const d = { token: this.#options.identify.token, session_id: sessionId, seq: sequence }
    this.#replayed = 0
    this.#replayedBefore = 0
    this.#enter('resuming', this.#options.timeouts.resumedMs)
    this.outbox.send(Opcode.Resume, this.#options.codec.pack({ op: Opcode.Resume, d }), nowMs)
    this.#port.lifecycle('SHARD_RESUMING', { sessionId, sequence })
  }

  #ready(header: Header, payload: Buffer): void {
    const ready = readReady(this.#data(header, payload))
    const { sessionId } = ready
    const resumeUrl = validResumeUrl(ready.resumeUrl, this.#options.bootstrapUrl)
    this.#session = { sessionId, sequence: Math.max(0, header.sequence), resumeUrl }
    this.#port.deliver(header, payload, sessionId)
    if (this.#phase === 'identifying') this.#live(false, sessionId)
  }

  #invalidSession(mayResume: boolean): void {
    const { min, max } = invalidSessionWaitMs
    const minDelayMs = min + this.#port.random() * (max - min)
    this.#abandon({ cause: 'invalid-session', voidsSession: !mayResume, minDelayMs })
  }

  #live(resumed: boolean, sessionId: string): void {
    this.#enter('live', Infinity)
    this.#liveSinceMs = this.#port.now()
    this.#resume.succeeded()
    const { intervalMs } = this.heartbeat
    const replayed = resumed ? this.#replayed : 0
    this.#port.lifecycle('SHARD_CONNECTED', { sessionId, resumed, replayed, heartbeatIntervalMs: intervalMs })
    if (this.#phase === 'live') this.outbox.flush(this.#liveSinceMs)
    this.#schedule()
  }

  #deadlinePassed(nowMs: number): void {
    const { helloMs, readyMs, resumedMs } = this.#options.timeouts
    if (this.#phase === 'waiting') {
      this.#connect()
    } else if (this.#phase === 'resuming' && (this.#paused || this.#replayed > this.#replayedBefore)) {
      this.#replayedBefore = this.#replayed
      this.#deadlineMs = nowMs + resumedMs
    } else if (this.#phase === 'resuming') {
      this.#timedOut('TIMEOUT_RESUMED', 'timeout', `the replay stood still for ${resumedMs} ms`)
    } else if (this.#phase === 'opened') {
      this.#timedOut('TIMEOUT_HELLO', 'timeout', `no HELLO within ${helloMs} ms`)
    } else if (this.#phase === 'identifying') {
      this.#timedOut('TIMEOUT_READY', 'timeout', `no answer to IDENTIFY within ${readyMs} ms`)
    }
  }

  /** A close frame to a peer that is silent would wait for an answer that never comes: drop TCP instead. */
  #timedOut(
    code: 'TIMEOUT_HELLO' | 'TIMEOUT_READY' | 'TIMEOUT_RESUMED' | 'TIMEOUT_HEARTBEAT',
    cause: 'timeout' | 'zombie',
    what: string,
  ): void {
    this.#abandon({ cause, error: new TimeoutError(code, `the gateway is silent: ${what}`) }, 'terminate')
  }

  #beat(nowMs: number): void {
    this.heartbeat.beaten(nowMs)
    const d = this.#session?.sequence ?? null
    this.outbox.send(Opcode.Heartbeat, this.#options.codec.pack({ op: Opcode.Heartbeat, d }), nowMs)
  }

  #answerBeatRequest(nowMs: number): void {
    this.#owesBeat = this.outbox.limiter.requestedBeatAt(nowMs) > nowMs
    if (!this.#owesBeat) this.#beat(nowMs)
  }

  /** Leaves a connection, with a close frame of this code or without one. `closed` follows. */
  #abandon(end: ConnectionEnd, how: number | 'terminate' = ownCloseCodes.resumable): void {
    const code = this.#phase === 'connecting' ? 'terminate' : how
    this.#connectionEnded(end)
    this.#end = end
    this.#enter('closing', Infinity)
    if (code === 'terminate') this.#port.terminate()
    else this.#port.close(code)
  }

  /** The books of a connection that ended, or that we end. Runs once for each. */
  #connectionEnded(end: ConnectionEnd): void {
    if (this.#phase === 'queued') this.#port.cancelIdentify()
    this.heartbeat.stop()
    this.#owesBeat = false
    this.#backoff.ended(this.#phase === 'live' ? this.#port.now() - this.#liveSinceMs : 0)
    this.#resume.connectionEnded(this.#phase, end.cause, this.#session?.sequence ?? 0, this.#replayed)
    if (end.voidsSession || this.#resume.isExhausted) this.#forget()
  }

  #reconnect(end: ConnectionEnd): void {
    const resume = this.#session !== undefined
    const isFirst = this.#backoff.attempt === 0
    const backoffMs = this.#backoff.next(resume, this.#port.random())
    const delayMs = end.immediate && isFirst ? 0 : Math.max(end.minDelayMs ?? 0, backoffMs)
    this.#enter('waiting', delayMs)
    this.#port.lifecycle('SHARD_RECONNECTING', { attempt: this.#backoff.attempt, delayMs, resume })
  }

  #connect(): void {
    const { bootstrapUrl } = this.#options
    const url = this.#resume.useBootstrap ? bootstrapUrl : (this.#session?.resumeUrl ?? bootstrapUrl)
    this.#enter('connecting', Infinity)
    const resuming = this.#session !== undefined
    this.#port.connect(url)
    this.#port.lifecycle('SHARD_CONNECTING', { url, attempt: this.#backoff.attempt, resuming })
  }

  #stopped(reason: ClosedError): void {
    this.#enter('stopped', Infinity)
    const unsentCommands = this.outbox.close(reason)
    this.#port.lifecycle('SHARD_CLOSED', { reason, unsentCommands })
    this.#port.stopped(reason)
  }

  #forget(): void {
    this.#session = undefined
    this.#resume.forgotten()
  }

  #enter(phase: SessionPhase, deadlineInMs: number): void {
    this.#phase = phase
    this.#deadlineMs = this.#port.now() + deadlineInMs
  }

  #schedule(): void {
    const nowMs = this.#port.now()
    let atMs = Math.min(this.#deadlineMs, this.heartbeat.wakeAtMs)
    if (this.#owesBeat) atMs = Math.min(atMs, this.outbox.limiter.requestedBeatAt(nowMs))
    if (this.#phase === 'live') atMs = Math.min(atMs, this.outbox.wakeAtMs(nowMs))
    this.#port.wakeAt(atMs)
  }
}
