import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

/** A broker that does to every connection what a test says, byte by byte. */
export interface ScriptedBroker {
  readonly url: string
  /** First lines of the requests, in order. */
  readonly requests: readonly string[]
  /** Connections that have ended. */
  readonly ended: number
}

/** Calls `script` when a request has come in whole. */
export async function scriptedBroker(
  script: (socket: Socket, request: string) => void,
): Promise<ScriptedBroker> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let ended = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (!text.includes('\r\n\r\n')) return
      requests.push(text.split('\r\n')[0] ?? '')
      script(socket, text)
    })
    socket.on('error', () => undefined)
    socket.once('close', () => (ended += 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get ended() {
      return ended
    },
  }
}

/** An answer with a body, as HTTP. */
export function http(status: number, body: string): string {
  return `HTTP/1.1 ${status} Whatever\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

export const consent = `{"message":"You're free to connect now! :)"}`
