import { onTestFinished } from 'vitest'

import { systemClock } from '../../src/clock.ts'
import type { Header } from '../../src/wire/header.ts'
import { JsonCodec } from '../../src/wire/json-codec.ts'
import { GatewaySocket, type SocketClose, type SocketOptions } from '../../src/wire/socket.ts'

const defaults: Omit<SocketOptions, 'url'> = {
  compression: 'none',
  connectTimeoutMs: 60_000,
  closeTimeoutMs: 60_000,
  maxMessageBytes: 1024 * 1024,
  maxInflatedBytes: 1024 * 1024,
  clock: systemClock,
  codec: new JsonCodec(),
}

/**
 * A socket under test. It records what the socket reports, and fails the test if `closed` comes within a call, twice,
 * or before something else.
 */
export class TestConnection {
  readonly socket: GatewaySocket
  /** `opened`, the text of each payload, `closed`. */
  readonly events: string[] = []
  /** Each payload's bytes, not copied. */
  readonly payloads: Buffer[] = []
  readonly opened: Promise<void>
  readonly closed: Promise<SocketClose>
  /** Called with every payload, within the socket's own call. */
  onPayload: (header: Header) => void = () => undefined
  readonly #faults: string[] = []
  /** How many calls of the socket are under way. */
  #calls = 1
  #isClosed = false

  constructor(url: string, options: Partial<SocketOptions> = {}) {
    const opened = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<SocketClose>()
    this.opened = opened.promise
    this.closed = closed.promise
    this.socket = new GatewaySocket(
      { ...defaults, url, ...options },
      {
        opened: () => {
          this.#record('opened')
          opened.resolve()
        },
        payload: (header, bytes) => {
          this.#record(bytes.toString())
          this.payloads.push(bytes)
          this.call(() => this.onPayload(header))
        },
        closed: (close) => {
          this.#record('closed')
          if (this.#calls > 0) this.#faults.push('closed within a call')
          this.#isClosed = true
          closed.resolve(close)
        },
      },
    )
    this.#calls = 0
    onTestFinished(() => {
      this.socket.terminate()
      if (this.#faults.length > 0) throw new Error(this.#faults.join('; '))
    })
  }

  /** Calls the socket: nothing may be reported from within as `closed`. */
  call(action: (socket: GatewaySocket) => void): void {
    this.#calls += 1
    action(this.socket)
    this.#calls -= 1
  }

  #record(event: string): void {
    if (this.#isClosed) this.#faults.push(`${event} after the end`)
    this.events.push(event)
  }
}
