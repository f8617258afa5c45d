import { WebSocket } from 'ws'

import type { Clock } from '../clock.ts'
import type { GatewayError } from '../errors.ts'
import type { PayloadCodec } from './codec.ts'
import type { Header } from './header.ts'
import { createInflater } from './inflate/create-inflater.ts'
import type { Compression, Inflater, ZlibLibrary } from './inflate/inflater.ts'
import { NoneInflater } from './inflate/none.ts'
import { openWebSocket, outdatedTls, type WebSocketTarget } from './open-websocket.ts'
import {
  connectFailed,
  connectRefused,
  connectTimedOut,
  messageRejected,
  payloadRejected,
  tlsOutdated,
} from './socket-error.ts'

/** How a connection ended. */
export interface SocketClose {
  /** The peer's close code; 1006 if it sent none. */
  readonly code: number
  /** The peer's reason; empty if it gave none. */
  readonly reason: string
  /** Why we ended it, or why it never opened. */
  readonly error?: GatewayError
}

/** What a socket reports. None of these may throw. */
export interface SocketHandlers {
  /** The upgrade succeeded. */
  opened(): void
  /** One payload. `header` is reused for the next one; `bytes` are yours. */
  payload(header: Header, bytes: Buffer): void
  /** Exactly once, never within the constructor or a call of yours; nothing comes after it. */
  closed(close: SocketClose): void
}

/** Options of a socket. */
export interface SocketOptions extends WebSocketTarget {
  readonly compression: Compression
  /** Default `node`. */
  readonly zlib?: ZlibLibrary
  /** For TCP, TLS and the upgrade together. */
  readonly connectTimeoutMs: number
  /** From our close frame to the peer's; then TCP is dropped. */
  readonly closeTimeoutMs: number
  /** Largest websocket message accepted. */
  readonly maxMessageBytes: number
  /** Largest payload accepted, inflated. */
  readonly maxInflatedBytes: number
  readonly clock: Clock
  readonly codec: PayloadCodec
}

/**
 * One connection to the gateway, for its life: it turns messages into payloads in one synchronous pass.
 *
 * ```
 *  connecting ─101─▶ open ─close()─▶ closing ─┐
 *      └──────────────┴──────────────────────┴▶ ended: closed() follows, and nothing else
 * ```
 */
export class GatewaySocket {
  /** Bytes of all messages received, as they came. */
  bytesReceived = 0
  /** Payloads received. */
  payloadsReceived = 0
  readonly #options: SocketOptions
  readonly #handlers: SocketHandlers
  #socket: WebSocket | undefined
  #inflater: Inflater = new NoneInflater()
  #state: 'connecting' | 'open' | 'closing' | 'ended' = 'connecting'
  #isPaused = false
  /** Messages are dropped: payloads that came later would hide that earlier ones were not delivered. */
  #isDeaf = false
  /** The connect deadline, then the close deadline. */
  #deadline: unknown

  /** Begins to connect. Whatever goes wrong is told by `closed`. */
  constructor(options: SocketOptions, handlers: SocketHandlers) {
    this.#options = options
    this.#handlers = handlers
    const { clock, codec, compression, connectTimeoutMs, url } = options
    try {
      this.#inflater = createInflater(compression, options, codec.encoding)
      this.#socket = openWebSocket(options)
    } catch (error) {
      this.#end({ code: 1006, reason: '', error: connectFailed(url, error) })
      return
    }
    this.#listen(this.#socket)
    this.#deadline = clock.setTimeout(
      () => this.#end({ code: 1006, reason: '', error: connectTimedOut(url, connectTimeoutMs) }),
      connectTimeoutMs,
    )
  }

  /** What the inflater of this connection has done and holds. */
  get inflater(): Pick<Inflater, 'bytesIn' | 'bytesOut' | 'capacityBytes'> {
    return this.#inflater
  }

  /** Sends a message, text or binary; false, and nothing, if the connection is not open, or the peer is closing it. */
  send(payload: string | Buffer): boolean {
    const socket = this.#socket
    if (this.#state !== 'open' || socket?.readyState !== WebSocket.OPEN) return false
    // With a callback, a write that fails is not thrown; the connection's end tells of it.
    socket.send(payload, ignore)
    return true
  }

  /**
   * Sends a close frame and drops TCP if the peer does not answer in time. Payloads go on coming until then, unless
   * reading is paused: then what was not read is dropped. Before the connection is open it is the same as `terminate`.
   */
  close(code: number, reason = ''): void {
    if (this.#state === 'connecting') this.terminate()
    if (this.#state !== 'open' || this.#socket === undefined) return
    this.#socket.close(code, reason)
    this.#state = 'closing'
    if (this.#isPaused) {
      this.#isDeaf = true
      this.#socket.resume()
    }
    const { clock, closeTimeoutMs } = this.#options
    this.#deadline = clock.setTimeout(() => this.terminate(), closeTimeoutMs)
  }

  /** Drops TCP at once; `closed` follows with 1006. */
  terminate(): void {
    this.#end({ code: 1006, reason: '' })
  }

  /** Stops reading. Payloads of the bytes that were read already still come. */
  pause(): void {
    this.#isPaused = true
    if (this.#state === 'open') this.#socket?.pause()
  }

  /** Reads on. */
  resume(): void {
    this.#isPaused = false
    if (this.#state === 'open') this.#socket?.resume()
  }

  #listen(socket: WebSocket): void {
    const { url } = this.#options
    socket.on('upgrade', (response) => {
      const protocol = outdatedTls(response.socket)
      if (protocol !== undefined) this.#end({ code: 1006, reason: '', error: tlsOutdated(url, protocol) })
    })
    socket.on('open', () => this.#opened(socket))
    socket.on('message', (message, isBinary) => {
      // Always so with `nodebuffer`, the default binary type.
      if (Buffer.isBuffer(message)) this.#message(message, isBinary)
    })
    socket.on('unexpected-response', (_request, response) =>
      this.#end({ code: 1006, reason: '', error: connectRefused(url, response) }),
    )
    // Stays for the socket's life: it may report errors after its end.
    socket.on('error', (error) => this.#failed(error))
    socket.on('close', (code, reason) =>
      // 1005 is how ws says that a close frame had no code.
      this.#end({ code: code === 1005 ? 1006 : code, reason: reason.toString() }),
    )
  }

  #opened(socket: WebSocket): void {
    if (this.#state !== 'connecting') return
    this.#options.clock.clearTimeout(this.#deadline)
    this.#state = 'open'
    if (this.#isPaused) socket.pause()
    this.#handlers.opened()
  }

  #message(message: Buffer, isBinary: boolean): void {
    if (this.#isDeaf) return
    this.bytesReceived += message.length
    const bytes = this.#inflate(message, isBinary)
    if (bytes === undefined) return
    if (this.#inflater.mayHoldSeveral) this.#several(bytes)
    else this.#payload(bytes)
  }

  #inflate(message: Buffer, isBinary: boolean): Buffer | undefined {
    try {
      return this.#inflater.inflate(message, isBinary)
    } catch (error) {
      return this.#rejected(error)
    }
  }

  #several(bytes: Buffer): void {
    let documents: readonly Buffer[] = []
    try {
      documents = this.#options.codec.split(bytes)
    } catch (error) {
      this.#rejected(error)
    }
    for (const document of documents) this.#payload(document)
  }

  #payload(bytes: Buffer): void {
    // The handler of an earlier document may have ended the connection.
    if (this.#isDeaf) return
    let header: Header
    try {
      header = this.#options.codec.scan(bytes)
    } catch (error) {
      this.#rejected(error)
      return
    }
    this.payloadsReceived += 1
    this.#handlers.payload(header, bytes)
  }

  #rejected(cause: unknown): undefined {
    this.#end({ code: 1006, reason: '', error: payloadRejected(cause) })
  }

  #failed(cause: unknown): void {
    const { url, maxMessageBytes } = this.#options
    const error =
      this.#state === 'connecting' ? connectFailed(url, cause) : messageRejected(maxMessageBytes, cause)
    this.#end({ code: 1006, reason: '', error })
  }

  #end(close: SocketClose): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#isDeaf = true
    this.#options.clock.clearTimeout(this.#deadline)
    this.#inflater.close()
    this.#socket?.terminate()
    process.nextTick(() => this.#handlers.closed(close))
  }
}

function ignore(): void {
  // The connection's end tells what went wrong.
}
