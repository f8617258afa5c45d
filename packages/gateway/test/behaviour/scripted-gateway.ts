import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'

/** What a client sent. */
export interface ClientFrame {
  readonly connection: number
  readonly op: number
  readonly d: unknown
}

/** What a scripted gateway says; by default what is enough to be live. */
export interface Script {
  /** Sent to each connection at once. */
  readonly hello?: string | Buffer
  /** Sent in answer to IDENTIFY, one message each. */
  readonly ready?: readonly (string | Buffer)[]
}

const plainHello = '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}'

/**
 * A gateway that logs anybody in and resumes anything, and hands out its sockets: for bytes and orders of events that
 * the emulator would not produce. Stopped after the test.
 */
export class ScriptedGateway {
  readonly frames: ClientFrame[] = []
  /** The open connections in the order in which they came. */
  readonly connections: { readonly webSocket: WebSocket; readonly socket: Duplex }[] = []
  readonly #server: WebSocketServer
  readonly #script: Script
  readonly #waiting = new Set<() => void>()

  private constructor(server: WebSocketServer, script: Script) {
    this.#server = server
    this.#script = script
    server.on('connection', (webSocket, request) => {
      const connection = this.connections.push({ webSocket, socket: request.socket }) - 1
      webSocket.on('error', () => undefined)
      webSocket.on('message', (message: Buffer) => this.#received(connection, webSocket, message))
      webSocket.send(script.hello ?? plainHello)
    })
  }

  static async start(script: Script = {}): Promise<ScriptedGateway> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
    await new Promise<void>((resolve) => {
      server.on('listening', resolve)
    })
    onTestFinished(async () => {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    })
    return new ScriptedGateway(server, script)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when the condition holds: asked now and after every frame. */
  async until(condition: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (condition()) resolve()
    }
    this.#waiting.add(look)
    look()
    await promise
    this.#waiting.delete(look)
  }

  #received(connection: number, webSocket: WebSocket, message: Buffer): void {
    const { op, d } = JSON.parse(message.toString()) as { op: number; d: { seq?: number } }
    this.frames.push({ connection, op, d })
    if (op === 1) webSocket.send('{"t":null,"s":null,"op":11,"d":null}')
    else if (op === 2) {
      const ready = { session_id: 'a'.repeat(32), resume_gateway_url: this.url, guilds: [] }
      const plainReady = `{"t":"READY","s":1,"op":0,"d":${JSON.stringify(ready)}}`
      for (const one of this.#script.ready ?? [plainReady]) webSocket.send(one)
    } else if (op === 6) webSocket.send(`{"t":"RESUMED","s":${(d.seq ?? 0) + 1},"op":0,"d":{}}`)
    for (const look of this.#waiting) look()
  }
}

/** An unmasked frame of at most 125 bytes, as it goes over the wire. */
export function rawFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload])
}
