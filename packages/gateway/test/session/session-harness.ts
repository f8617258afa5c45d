import type { ClosedError, GatewayError } from '../../src/errors.ts'
import { defaultBackoff } from '../../src/session/backoff.ts'
import type { GatewaySession } from '../../src/session/gateway-session.ts'
import type { LifecycleData, LifecycleName } from '../../src/session/lifecycle.ts'
import type { SessionPermit, SessionPort } from '../../src/session/session-port.ts'
import { Session, type SessionOptions } from '../../src/session/session.ts'
import type { Header } from '../../src/wire/header.ts'
import { JsonCodec } from '../../src/wire/json-codec.ts'

export const bootstrapUrl = 'wss://gateway.test'
export const resumeUrl = 'wss://resume.test'
export const heartbeatMs = 41_250
export const closeTimeoutMs = 5_000

export interface Sent {
  readonly atMs: number
  readonly op: number
  readonly d: unknown
}

/** A world of virtual time around one session machine: it records what the machine asks for. */
export class SessionHarness implements SessionPort {
  readonly session: Session
  readonly sent: Sent[] = []
  readonly lifecycleNames: string[] = []
  readonly lifecycleEvents: { type: LifecycleName; data: unknown }[] = []
  readonly delivered: { type: string; sequence: number; sessionId: string }[] = []
  readonly connects: { atMs: number; url: string }[] = []
  readonly closes: (number | 'terminate')[] = []
  nowMs = 1_000_000
  randomValue = 0.5
  socket: 'none' | 'connecting' | 'open' | 'closing' = 'none'
  isWaitingForPermit = false
  /** The peer's close frame is here, the end of the connection is not. */
  isPeerClosing = false
  stoppedWith: ClosedError | undefined
  permitsSpent = 0
  permitsReleased = 0
  /** Called within every output, to try re-entrant inputs. */
  onOutput: (output: string) => void = () => undefined
  #wakeAtMs = Infinity

  constructor(options: Partial<SessionOptions> = {}) {
    this.session = new Session(
      {
        identify: {
          token: 'token',
          intents: 1,
          shardId: 0,
          shardCount: 1,
          largeThreshold: 50,
          properties: { os: 'test', browser: 'test', device: 'test' },
          capabilities: undefined,
          compress: false,
        },
        codec: new JsonCodec(),
        bootstrapUrl,
        presence: undefined,
        timeouts: { helloMs: 20_000, readyMs: 30_000, resumedMs: 60_000 },
        backoff: defaultBackoff,
        rateLimit: true,
        commandQueueLimit: 1_000,
        ...options,
      },
      this,
    )
  }

  // The port.

  now(): number {
    return this.nowMs
  }

  random(): number {
    return this.randomValue
  }

  connect(url: string): void {
    if (this.socket !== 'none') throw new Error(`connect while a socket is ${this.socket}`)
    this.socket = 'connecting'
    this.connects.push({ atMs: this.nowMs, url })
    this.onOutput('connect')
  }

  send(payload: string | Buffer, announcedOp: number): boolean {
    if (this.socket !== 'open' || this.isPeerClosing) return false
    const { op, d } = JSON.parse(String(payload)) as { op: number; d: unknown }
    if (op !== announcedOp) throw new Error(`op ${op} was announced as ${announcedOp}`)
    this.sent.push({ atMs: this.nowMs, op, d })
    this.onOutput('send')
    return true
  }

  close(code: number): void {
    if (this.socket !== 'open') throw new Error(`close while the socket is ${this.socket}`)
    this.socket = 'closing'
    this.closes.push(code)
    this.onOutput('close')
  }

  terminate(): void {
    if (this.socket === 'none') throw new Error('terminate without a socket')
    this.socket = 'closing'
    this.closes.push('terminate')
    this.onOutput('terminate')
  }

  wakeAt(atMs: number): void {
    this.#wakeAtMs = atMs
  }

  requestIdentify(): void {
    if (this.isWaitingForPermit) throw new Error('a second identify request')
    this.isWaitingForPermit = true
    this.onOutput('requestIdentify')
  }

  cancelIdentify(): void {
    if (!this.isWaitingForPermit) throw new Error('cancelled what was not requested')
    this.isWaitingForPermit = false
    this.onOutput('cancelIdentify')
  }

  deliver(header: Header, _payload: Buffer, sessionId: string): void {
    this.delivered.push({ type: header.type, sequence: header.sequence, sessionId })
    this.onOutput('deliver')
  }

  lifecycle<Name extends LifecycleName>(type: Name, data: LifecycleData[Name]): void {
    this.lifecycleNames.push(type)
    this.lifecycleEvents.push({ type, data })
    this.onOutput(type)
  }

  stopped(reason: ClosedError): void {
    if (this.stoppedWith) throw new Error('stopped twice')
    this.stoppedWith = reason
    this.onOutput('stopped')
  }

  // The world.

  /** Lets time pass, waking the machine whenever it asked for it. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms
    for (let wakes = 0; this.#wakeAtMs <= endMs; wakes += 1) {
      if (wakes > 100_000) throw new Error('the machine wakes without end')
      this.nowMs = Math.max(this.nowMs, this.#wakeAtMs)
      this.#wakeAtMs = Infinity
      this.session.tick()
    }
    this.nowMs = endMs
  }

  open(): void {
    if (this.socket !== 'connecting') throw new Error(`open while ${this.socket}`)
    this.socket = 'open'
    this.isPeerClosing = false
    this.session.opened()
  }

  /** The socket ends, as the wire reports it: once, whoever asked. */
  socketClosed(code = 1006, reason = '', error?: GatewayError): void {
    if (this.socket === 'none') throw new Error('no socket to close')
    this.socket = 'none'
    this.session.closed(code, reason, error)
  }

  payload(op: number, d: unknown, type = '', sequence = -1): void {
    const bytes = Buffer.from(JSON.stringify({ t: type || null, s: sequence < 0 ? null : sequence, op, d }))
    const dataStart = bytes.indexOf('"d":') + 4
    this.session.receive({ op, sequence, type, typeIndex: -1, dataStart, dataEnd: bytes.length - 1 }, bytes)
  }

  dispatch(type: string, sequence: number, d: unknown = {}): void {
    this.payload(0, d, type, sequence)
  }

  hello(): void {
    this.payload(10, { heartbeat_interval: heartbeatMs })
  }

  /** Grants the permit that the machine waits for. */
  grant(): void {
    this.isWaitingForPermit = false
    this.session.granted(this.permit())
  }

  permit(): SessionPermit {
    let isOpen = true
    const once = (): void => {
      if (!isOpen) throw new Error('a permit was used twice')
      isOpen = false
    }
    return {
      spend: () => {
        once()
        this.permitsSpent += 1
      },
      release: () => {
        once()
        this.permitsReleased += 1
      },
    }
  }

  ready(sequence = 1, sessionId = 'a'.repeat(32)): void {
    this.dispatch('READY', sequence, { session_id: sessionId, resume_gateway_url: resumeUrl })
  }

  /** From the start to a live session. */
  goLive(): this {
    this.session.start()
    this.open()
    this.hello()
    this.grant()
    this.ready()
    return this
  }

  /** From `waiting` to the next connection's RESUME or IDENTIFY request. */
  reconnect(): void {
    this.advance(600_000)
    this.open()
    this.hello()
  }

  opsSent(): number[] {
    return this.sent.map((payload) => payload.op)
  }

  lifecycleData<Name extends LifecycleName>(type: Name): LifecycleData[Name] {
    const found = this.lifecycleEvents.findLast((event) => event.type === type)
    if (!found) throw new Error(`no ${type} yet`)
    return found.data as LifecycleData[Name]
  }
}

export const storedSession: GatewaySession = {
  sessionId: 'b'.repeat(32),
  sequence: 42,
  resumeUrl,
  shardId: 0,
  shardCount: 1,
}
