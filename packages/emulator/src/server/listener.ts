import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'

import type { Settings } from '../settings.ts'

/** Called for each WebSocket upgrade. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** One port: HTTP(S) requests and WebSocket upgrades. */
export class Listener {
  readonly #server: Server
  readonly #settings: Settings
  readonly #sockets = new Set<Duplex>()

  constructor(settings: Settings, onRequest: RequestListener, onUpgrade: UpgradeListener) {
    this.#settings = settings
    this.#server =
      settings.tls === undefined ? createServer(onRequest) : createTlsServer({ ...settings.tls }, onRequest)
    // A request may be a recording that is replayed for hours.
    this.#server.requestTimeout = 0
    this.#server.on('upgrade', onUpgrade)
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** `host:port`, with brackets around IPv6. */
  get authority(): string {
    const { host } = this.#settings
    return `${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  async open(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(port, this.#settings.host, () => {
      this.#server.off('error', reject)
      resolve()
    })
    await promise
  }

  /** Stops listening; sockets that are open stay. */
  stopListening(): void {
    this.#server.close()
  }

  /** Stops listening and ends every socket. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#server.listening) this.#server.close(() => resolve())
    else resolve()
    for (const socket of this.#sockets) socket.destroy()
    await promise
  }
}
