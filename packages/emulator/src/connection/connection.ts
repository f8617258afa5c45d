import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

import type { Clock } from '../clock.ts'
import { ZlibStream } from '../compressor/zlib-stream.ts'
import type { Compressor } from '../compressor/compressor.ts'
import { ZstdStream } from '../compressor/zstd-stream.ts'
import type { Encoding } from '../encoding/encoding.ts'
import type { StickyFaults } from '../fault/fault-plan.ts'
import { closeReasons } from '../protocol/close-code.ts'
import { Limit } from '../protocol/limit.ts'
import type { Settings } from '../settings.ts'
import type { Recorder } from '../report/recorder.ts'
import type { ConnectionRecord } from '../report/report.ts'
import type { SentDispatch } from '../session/replay-buffer.ts'
import type { Session, SessionLink } from '../session/session.ts'
import { closeFrame, frame, FrameKind, pieces } from './frame.ts'
import { Outbox } from './outbox.ts'
import { dispatchFrameHead } from './payload.ts'
import { SlidingWindow } from './sliding-window.ts'

/** Where a socket stands. After op 9 `d:false` it is `invalidated`: open, but without a session. */
export type ConnectionPhase = 'waiting' | 'identifying' | 'live' | 'invalidated' | 'closing' | 'closed'

/** How long a close frame may stay unanswered. */
const closeTimeoutMs = 5000

/** What of a `ws` socket is used here; naming its type would make users of the published types need those of ws. */
interface MessageSocket {
  pause(): void
  resume(): void
  close(code?: number, reason?: string): void
}

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly record: ConnectionRecord
  readonly encoding: Encoding
  readonly webSocket: MessageSocket
  readonly socket: Duplex
  readonly settings: Settings
  readonly recorder: Recorder
  /** Faults that hold for the connection's shard now. */
  readonly faultsOf: (shard: number | null) => StickyFaults
  /** Called before a socket is dropped whose peer leaves more unread than `maxBufferedBytes`. */
  readonly onSlowReader: (slow: Connection) => void
}

/** One client socket: how payloads leave it, and what faults do to them on the way. */
export class Connection implements SessionLink {
  readonly record: ConnectionRecord
  readonly encoding: Encoding
  readonly sends = new SlidingWindow(Limit.sends, Limit.sendWindowMs)
  readonly presences = new SlidingWindow(Limit.presences, Limit.presenceWindowMs)
  readonly #webSocket: MessageSocket
  readonly #socket: Duplex
  readonly #outbox: Outbox
  readonly #clock: Clock
  readonly #settings: Settings
  readonly #recorder: Recorder
  readonly #faultsOf: ConnectionOptions['faultsOf']
  readonly #onSlowReader: ConnectionOptions['onSlowReader']
  #compressor: Compressor | undefined
  #compressFrom = 0
  #faults: StickyFaults
  #batch: Buffer[] | undefined
  #capturedLeft = 0
  readonly #behindCapture: Buffer[] = []
  #behindBytes = 0
  #mangleNext: 'corrupt' | 'truncate' | undefined
  phase: ConnectionPhase = 'waiting'
  session: Session | undefined
  lastBeatAtMs: number

  constructor(options: ConnectionOptions) {
    this.record = options.record
    this.encoding = options.encoding
    this.#webSocket = options.webSocket
    this.#socket = options.socket
    this.#settings = options.settings
    this.#clock = options.settings.clock
    this.#recorder = options.recorder
    this.#faultsOf = options.faultsOf
    this.#onSlowReader = options.onSlowReader
    this.#faults = options.faultsOf(null)
    this.#outbox = new Outbox(options.socket, this.#clock)
    this.lastBeatAtMs = this.#clock.now()
    if (this.record.compression === 'zlib-stream') this.#compressor = new ZlibStream()
    if (this.record.compression === 'zstd-stream')
      this.#compressor = new ZstdStream(options.settings.zstdLevel)
  }

  get id(): number {
    return this.record.id
  }

  get shard(): number | null {
    return this.record.shard
  }

  set shard(shard: number) {
    this.record.shard = shard
    this.refreshFaults()
  }

  /** Whether payloads can still be sent. */
  get open(): boolean {
    return this.phase !== 'closing' && this.phase !== 'closed'
  }

  get frozen(): boolean {
    return this.#outbox.frozen
  }

  /** Bytes written or held that the peer has not taken. */
  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes + this.#behindBytes
  }

  get withholdsAcks(): boolean {
    return this.#faults.withholdAcks
  }

  get voiceFault(): StickyFaults['voice'] {
    return this.#faults.voice
  }

  /** Looks up the faults that hold for this shard again. */
  refreshFaults(): void {
    this.#faults = this.#faultsOf(this.shard)
  }

  /** `compress: true` in identify: messages compressed each for itself, from a size on (rule E38). */
  compressPayloads(): void {
    if (this.#compressor !== undefined) return
    this.#compressor = this.encoding.payloadCompressor
    this.#compressFrom = this.#settings.payloadCompressionBytes
  }

  /** Sends any opcode but dispatch; `s` and `t` are null. */
  send(op: number, data: unknown): void {
    this.#transmit(this.encoding.payload(op, data))
  }

  /** {@inheritDoc SessionLink.sendDispatch} */
  sendDispatch(dispatch: SentDispatch): void {
    if (!this.open) return
    this.#recorder.sentDispatch(dispatch.type)
    const { encoding } = this
    const own = encoding === dispatch.encoding ? dispatch : translated(dispatch, encoding)
    if (!this.#plain) this.#transmit(encoding.dispatch(own))
    else if (this.#batch === undefined) this.#write(Buffer.concat([dispatchFrameHead(own), own.body]))
    else this.#batch.push(dispatchFrameHead(own), own.body)
  }

  /** Sends a payload as given, compressed as all others; it has no sequence and is not replayed. */
  sendRaw(payload: string | Uint8Array): void {
    this.#transmit(Buffer.from(payload))
  }

  /** Runs `work`, whose payloads leave in one socket write. */
  batch(work: () => void): void {
    if (this.#batch !== undefined) {
      work()
      return
    }
    const bytes = this.#collect(work)
    if (bytes.length > 0) this.#write(bytes)
  }

  /**
   * Encodes what each step sends, without writing it: one buffer a step, for {@link Connection.writeCaptured}.
   * Anything sent meanwhile waits behind the captured bytes, as their compression context demands.
   */
  capture(steps: Iterable<() => void>): Buffer[] {
    const captured: Buffer[] = []
    for (const step of steps) {
      const bytes = this.#collect(step)
      if (bytes.length > 0) captured.push(bytes)
    }
    this.#capturedLeft += captured.length
    return captured
  }

  /** Writes the next captured bytes, and what waited behind the last of them. */
  writeCaptured(bytes: Buffer): void {
    if (!this.open) return
    this.#put(bytes)
    if (--this.#capturedLeft > 0) return
    this.#behindBytes = 0
    for (const waiting of this.#behindCapture.splice(0)) this.#put(waiting)
  }

  /** Collects what is written from now on, for one socket write at {@link Connection.uncork}. */
  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  /** Resolves when the socket has taken what was written, or is gone. */
  async drained(): Promise<void> {
    const socket = this.#socket
    if (!socket.writableNeedDrain || socket.destroyed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.once('drain', resolve)
    socket.once('close', resolve)
    await promise
    socket.off('drain', resolve)
    socket.off('close', resolve)
  }

  /** Damages the next payload's bytes on the wire. */
  mangleNext(how: 'corrupt' | 'truncate'): void {
    this.#mangleNext = how
  }

  /** Stops reading and writing; the peer sees a black hole. */
  freeze(): void {
    this.#outbox.freeze()
    this.#webSocket.pause()
  }

  thaw(): void {
    this.lastBeatAtMs = this.#clock.now()
    this.#webSocket.resume()
    this.#outbox.thaw()
  }

  /**
   * Sends a close frame, with any code, and ends the socket; without a code the frame is empty. A frozen socket
   * sends it when it thaws.
   */
  close(code?: number, reason = code === undefined ? '' : (closeReasons[code] ?? '')): void {
    if (!this.open) return
    this.phase = 'closing'
    this.record.closedBy = 'emulator'
    this.record.closeCode = code ?? 1005
    this.#destroyLater()
    if (this.#outbox.idle && (code === undefined || isSendableCode(code))) {
      this.#webSocket.close(code, reason)
      return
    }
    const bytes = code === undefined ? frame(FrameKind.Close, Buffer.alloc(0)) : closeFrame(code, reason)
    this.#outbox.write(bytes, this.#faults.delayMs)
    if (this.#outbox.idle) this.#socket.end()
  }

  /** The peer broke the WebSocket protocol, and `ws` closes the socket with this code. */
  fail(code: number): void {
    if (!this.open) return
    this.phase = 'closing'
    this.record.closedBy = 'emulator'
    this.record.closeCode = code
    this.#destroyLater()
  }

  /** Ends TCP without a close frame. */
  drop(): void {
    this.#leave()
    this.#socket.destroy()
  }

  /** Ends TCP with RST; under TLS, where Node.js cannot, without a close frame only. */
  reset(): void {
    this.#leave()
    const socket = this.#socket
    if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
    else socket.destroy()
  }

  /** The socket is gone: frees what it held. */
  release(): void {
    this.phase = 'closed'
    this.#outbox.close()
    this.#compressor?.close()
    this.#compressor = undefined
  }

  /** For a peer that does not answer a close frame. */
  #destroyLater(): void {
    this.#clock.setTimeout(() => this.#socket.destroy(), closeTimeoutMs + this.#faults.delayMs)
  }

  /** Whether a payload leaves as it is, in one text frame. */
  get #plain(): boolean {
    if (this.encoding.isBinary || this.#compressor !== undefined) return false
    return this.#mangleNext === undefined && this.#faults.splitInto <= 1
  }

  #leave(): void {
    this.phase = 'closing'
    this.record.closedBy = 'emulator'
    this.record.closeCode ??= 1006
    this.#outbox.close()
  }

  #transmit(payload: Buffer): void {
    if (!this.open) return
    let kind: FrameKind = this.encoding.isBinary ? FrameKind.Binary : FrameKind.Text
    let bytes = payload
    if (this.#compressor !== undefined && payload.length >= this.#compressFrom) {
      kind = FrameKind.Binary
      bytes = this.#compressor.compress(payload)
    }
    if (this.#mangleNext !== undefined) {
      bytes = mangle(bytes, this.#mangleNext)
      this.#mangleNext = undefined
    }
    const { splitInto } = this.#faults
    if (splitInto > 1) this.#writeSplit(kind, bytes, splitInto)
    else this.#write(frame(kind, bytes))
  }

  #writeSplit(kind: FrameKind, bytes: Buffer, count: number): void {
    const parts = pieces(bytes, count)
    const asMessages = this.record.compression === 'zlib-stream'
    for (const [index, part] of parts.entries()) {
      const partKind = asMessages || index === 0 ? kind : FrameKind.Continuation
      this.#write(frame(partKind, part, asMessages || index === parts.length - 1))
    }
  }

  #collect(work: () => void): Buffer {
    const batch: Buffer[] = []
    this.#batch = batch
    try {
      work()
    } finally {
      this.#batch = undefined
    }
    const [first] = batch
    return first !== undefined && batch.length === 1 ? first : Buffer.concat(batch)
  }

  #write(bytes: Buffer): void {
    if (this.#batch !== undefined) this.#batch.push(bytes)
    else if (this.#capturedLeft > 0) {
      this.#behindCapture.push(bytes)
      this.#behindBytes += bytes.length
      this.#checkBacklog()
    } else this.#put(bytes)
  }

  #put(bytes: Buffer): void {
    this.#recorder.sentBytes(bytes.length)
    this.#outbox.write(bytes, this.#faults.delayMs)
    this.#checkBacklog()
  }

  #checkBacklog(): void {
    if (this.bufferedBytes <= this.#settings.maxBufferedBytes || !this.open) return
    this.#onSlowReader(this)
    this.drop()
  }
}

/** A dispatch in another encoding than its session's: a resume with that, if a switch lets it through. */
function translated(dispatch: SentDispatch, encoding: Encoding): SentDispatch {
  return { ...dispatch, encoding, body: encoding.body(dispatch.encoding.data(dispatch.body)) }
}

/** Whether `ws` agrees to send the code; reserved and unknown ones go out as a raw frame. */
function isSendableCode(code: number): boolean {
  const reserved = code === 1004 || code === 1005 || code === 1006
  return (code >= 1000 && code <= 1014 && !reserved) || (code >= 3000 && code <= 4999)
}

/** Damaged bytes: a flipped middle, or the first half only. */
function mangle(bytes: Buffer, how: 'corrupt' | 'truncate'): Buffer {
  if (how === 'truncate') return bytes.subarray(0, Math.max(1, bytes.length >> 1))
  const damaged = Buffer.from(bytes)
  const start = Math.min(2, damaged.length - 1)
  for (let index = start; index < damaged.length; index++) damaged[index] = (damaged[index] ?? 0) ^ 0xff
  return damaged
}
