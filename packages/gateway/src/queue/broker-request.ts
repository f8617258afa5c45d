import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'

import type { Clock } from '../clock.ts'

/** A GET whose answer may take hours to begin, and is short. */
export interface BrokerRequestOptions {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** `undefined` = a connection of its own. */
  readonly agent: Agent | undefined
  /** TCP and TLS together. */
  readonly connectTimeoutMs: number
  /** From the call to the last byte; Infinity = no deadline. */
  readonly timeoutMs: number
  readonly clock: Clock
}

export interface BrokerAnswer {
  readonly status: number
  readonly body: string
}

/** A broker's answers are some fifty bytes; whoever sends more is no broker. */
const longestAnswerBytes = 16 * 1024
/** An answer that has begun is all there at once. */
const bodyTimeoutMs = 10_000
/**
 * The wait can be as long as the line is: only TCP's own probes can tell a broker that is slow from one that is gone.
 * Node then probes ten times, each second, before it gives the connection up (Node.js docs, *net*).
 */
const probeAfterMs = 30_000

/**
 * Sends a GET and resolves with its whole answer; rejects with what went wrong. The signal drops the connection.
 * Not through `fetch`: Node's gives up on an answer that has not begun after five minutes.
 */
export function askBroker(options: BrokerRequestOptions, signal: AbortSignal): Promise<BrokerAnswer> {
  const { url, agent, clock, connectTimeoutMs, timeoutMs } = options
  const { promise, resolve, reject } = Promise.withResolvers<BrokerAnswer>()
  const headers = { accept: 'application/json', ...options.headers }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  // A connection kept from before may be closing just now, with a permit on its way that nobody would get.
  const request = send(url, { headers, agent: agent ?? false })
  let stepTimer: unknown
  let wholeTimer: unknown
  const settle = (): void => {
    clock.clearTimeout(stepTimer)
    clock.clearTimeout(wholeTimer)
    signal.removeEventListener('abort', aborted)
  }
  const fail = (error: Error): void => {
    settle()
    reject(error)
    request.destroy()
  }
  const aborted = (): void => fail(new Error('aborted'))
  const deadline = (delayMs: number, what: string): unknown =>
    clock.setTimeout(() => fail(new Error(`${what} within ${delayMs} ms`)), delayMs)

  request.on('error', fail)
  request.once('response', (response) => {
    stepTimer = deadline(bodyTimeoutMs, 'the answer did not end')
    response.on('error', fail)
    readShort(response, fail, (body) => {
      settle()
      resolve({ status: response.statusCode ?? 0, body })
    })
  })
  if (signal.aborted) {
    aborted()
    return promise
  }
  signal.addEventListener('abort', aborted, { once: true })
  if (timeoutMs < Infinity) wholeTimer = deadline(timeoutMs, 'no answer')
  stepTimer = deadline(connectTimeoutMs, 'no connection')
  whenConnected(request, () => clock.clearTimeout(stepTimer))
  request.end()
  return promise
}

function whenConnected(request: ClientRequest, connected: () => void): void {
  request.once('socket', (socket: Socket) => {
    socket.setKeepAlive(true, probeAfterMs)
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected)
    else connected()
  })
}

function readShort(
  response: IncomingMessage,
  failed: (error: Error) => void,
  ended: (body: string) => void,
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength
    if (bytes <= longestAnswerBytes) chunks.push(chunk)
    else failed(new Error(`an answer of more than ${longestAnswerBytes} bytes`))
  })
  response.once('end', () => ended(Buffer.concat(chunks).toString('utf8')))
}
