import { createInflate, createZstdDecompress, inflateSync } from 'node:zlib'

import { WebSocket } from 'ws'

import { EtfReader } from '../src/encoding/etf-reader.ts'
import { EtfWriter } from '../src/encoding/etf-writer.ts'
import type { Emulator } from '../src/index.ts'

export interface Payload {
  readonly op: number
  readonly s: number | null
  readonly t: string | null
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads whatever the payload holds
  readonly d: any
}

export interface Closed {
  readonly code: number
  readonly reason: string
}

/** A gateway client that does nothing by itself: every frame that it sends is written in the test. */
export class ScriptClient {
  /** Every payload so far. */
  readonly received: Payload[] = []
  /** Every WebSocket message so far, as it came. */
  readonly messages: { readonly bytes: Buffer; readonly isBinary: boolean }[] = []
  readonly closed: Promise<Closed>
  readonly opened: Promise<void>
  readonly socket: WebSocket
  readonly #isEtf: boolean
  readonly #waiting = new Set<() => void>()
  readonly #untaken: Payload[] = []

  constructor(url: string, query = 'v=10&encoding=json') {
    this.socket = new WebSocket(`${url}/?${query}`, { perMessageDeflate: false, rejectUnauthorized: false })
    const opened = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<Closed>()
    this.opened = opened.promise
    this.closed = closed.promise
    this.opened.catch(() => undefined)
    this.socket.on('open', () => opened.resolve())
    this.socket.on('error', (error) => opened.reject(error))
    this.socket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }))
    this.#isEtf = new URLSearchParams(query).get('encoding') === 'etf'
    const decode = decoder(query, (payload) => this.#take(payload))
    this.socket.on('message', (message, isBinary) => {
      if (!Buffer.isBuffer(message)) return
      this.messages.push({ bytes: message, isBinary })
      decode(message, isBinary)
    })
  }

  /** The first payload not taken yet with this op or event name; waits for it. */
  async next(wanted: number | string): Promise<Payload> {
    const { promise, resolve, reject } = Promise.withResolvers<Payload>()
    const look = (): void => {
      const index = this.#untaken.findIndex(({ op, t }) => wanted === (typeof wanted === 'number' ? op : t))
      const [found] = index < 0 ? [] : this.#untaken.splice(index, 1)
      if (found === undefined) return
      this.#waiting.delete(look)
      resolve(found)
    }
    const timer = setTimeout(() => {
      const seen = this.received.map(({ op, t }) => t ?? op).join(' ')
      reject(new Error(`no ${wanted}, seen: ${seen}`))
    }, 5000)
    this.#waiting.add(look)
    look()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  send(op: number, d: unknown): void {
    this.socket.send(this.#isEtf ? term({ op, d }) : JSON.stringify({ op, d }))
  }

  /** Sends a heartbeat and waits for its answer: whatever was sent before has been answered by then. */
  async settle(): Promise<void> {
    this.send(1, null)
    await this.next(11)
  }

  names(): (string | number)[] {
    return this.received.map(({ op, t }) => t ?? op)
  }

  #take(payload: Payload): void {
    this.received.push(payload)
    this.#untaken.push(payload)
    for (const look of this.#waiting) look()
  }
}

const writer = new EtfWriter({ etfKeys: 'binary', etfSnowflakes: 'string' })

/** A term as clients must write it. */
export function term(value: unknown): Buffer {
  return Buffer.concat([Buffer.of(131), writer.write(value)])
}

function decoder(
  query: string,
  emit: (payload: Payload) => void,
): (message: Buffer, isBinary: boolean) => void {
  const parameters = new URLSearchParams(query)
  const compression = parameters.get('compress')
  const isEtf = parameters.get('encoding') === 'etf'
  const parse = (bytes: Buffer): Payload =>
    isEtf ? (EtfReader.read(bytes, 1, 'any') as Payload) : JSON.parse(bytes.toString())
  if (compression !== 'zlib-stream' && compression !== 'zstd-stream') {
    if (!isEtf) return (message, isBinary) => emit(parse(isBinary ? inflateSync(message) : message))
    return (message, isBinary) => {
      let payload: Payload
      // What does not parse, being compressed or damaged, is only among the messages.
      try {
        payload = parse(message)
      } catch {
        return
      }
      if (isBinary) emit(payload)
    }
  }
  const stream = compression === 'zlib-stream' ? createInflate() : createZstdDecompress()
  let bytes = Buffer.alloc(0)
  stream.on('error', () => undefined)
  stream.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    let payload: Payload
    // A payload is whole when it parses.
    try {
      payload = parse(bytes)
    } catch {
      return
    }
    bytes = Buffer.alloc(0)
    emit(payload)
  })
  return (message) => void stream.write(message)
}

export const everyIntent = 53_608_447
export const properties = { os: 'linux', browser: 'test', device: 'test' }

/** Opens a socket and reads Hello. */
export async function greeted(emulator: Emulator, query?: string, url = emulator.url): Promise<ScriptClient> {
  const client = new ScriptClient(url, query)
  await client.next(10)
  return client
}

/** Opens a socket, identifies and reads READY. */
export async function ready(
  emulator: Emulator,
  identify: Record<string, unknown> = {},
  query?: string,
): Promise<ScriptClient & { readonly sessionId: string }> {
  const client = await greeted(emulator, query)
  client.send(2, { token: emulator.token, intents: everyIntent, properties, ...identify })
  const { d } = await client.next('READY')
  return Object.assign(client, { sessionId: String(d.session_id) })
}
