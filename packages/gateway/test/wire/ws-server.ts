import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws'

/** The server's side of one connection. */
export interface Peer {
  readonly webSocket: WebSocket
  readonly request: IncomingMessage
}

/** A real websocket server on loopback. Stopped after the test. */
export class WsServer {
  readonly #server: WebSocketServer
  readonly #peers: Peer[] = []

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (webSocket, request) => this.#peers.push({ webSocket, request }))
  }

  static async start(options: ServerOptions = {}): Promise<WsServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
    await once(server, 'listening')
    const started = new WsServer(server)
    onTestFinished(() => started.#stop())
    return started
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The next connection, or the first that nobody took. */
  async peer(): Promise<Peer> {
    let peer = this.#peers.shift()
    while (peer === undefined) {
      await once(this.#server, 'connection')
      peer = this.#peers.shift()
    }
    return peer
  }

  #stop(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }
}
