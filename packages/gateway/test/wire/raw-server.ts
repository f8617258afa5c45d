import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { onTestFinished } from 'vitest'

/** A TCP server on loopback whose every byte the test writes. Stopped after the test. */
export class RawServer {
  /** Connections so far. */
  readonly sockets: Socket[] = []
  readonly url: string
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (socket: Socket) => {
      this.sockets.push(socket)
      // A client that drops the connection resets it.
      socket.on('error', () => undefined)
    })
  }

  /** With `allowHalfOpen` the server does not answer the end of TCP with its own. */
  static async start(
    connected: (socket: Socket) => unknown = () => undefined,
    options: { readonly allowHalfOpen?: boolean } = {},
  ): Promise<RawServer> {
    const server = createServer(options, connected)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const raw = new RawServer(server)
    onTestFinished(() => raw.stop())
    return raw
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy()
    this.#server.close()
  }
}

/** Accepts the websocket upgrade of one connection, and writes `more` in the same packet. */
export async function upgrade(socket: Socket, more: Buffer = Buffer.alloc(0)): Promise<void> {
  let request = ''
  while (!request.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    request += chunk.toString('latin1')
  }
  const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? ''
  socket.write(Buffer.concat([Buffer.from(switchingProtocols(key)), more]))
}

function switchingProtocols(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    '\r\n',
  ].join('\r\n')
}

export interface FrameOptions {
  /** 0 continuation, 1 text (default), 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode?: number
  /** Whether the message ends with it. Default true. */
  readonly fin?: boolean
  /** Extension bits, 0 to 7. */
  readonly rsv?: number
  /** The length to claim, if not the true one. */
  readonly claimedBytes?: number
}

/** A websocket frame as servers send them (RFC 6455, section 5.2). */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload)
  const { opcode = 1, fin = true, rsv = 0, claimedBytes = bytes.length } = options
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  if (claimedBytes < 126) return Buffer.concat([Buffer.from([first, claimedBytes]), bytes])
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = 127
  head.writeBigUInt64BE(BigInt(claimedBytes), 2)
  return Buffer.concat([head, bytes])
}

export interface ClientFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The frames in bytes that a client sent: whole and short ones, unmasked. */
export function clientFrames(bytes: Buffer): ClientFrame[] {
  const frames: ClientFrame[] = []
  for (let at = 0; at + 6 <= bytes.length;) {
    const length = bytes.readUInt8(at + 1) & 0x7f
    if (length > 125) throw new Error('a frame longer than tests send')
    const mask = bytes.subarray(at + 2, at + 6)
    const payload = Buffer.from(bytes.subarray(at + 6, at + 6 + length))
    for (let index = 0; index < payload.length; index += 1) {
      payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0)
    }
    frames.push({ opcode: bytes.readUInt8(at) & 0x0f, payload })
    at += 6 + length
  }
  return frames
}
