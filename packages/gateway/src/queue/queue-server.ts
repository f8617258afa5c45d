import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { systemClock, type Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { IdentifyPermit, IdentifyQueue } from './identify-queue.ts'
import type { InMemoryIdentifyQueue } from './in-memory-identify-queue.ts'

/** Options of {@link createQueueServer}. */
export interface QueueServerOptions {
  /** Who may identify when; usually an `InMemoryIdentifyQueue` with the limit that `fetchGatewayBot` told. */
  readonly queue: IdentifyQueue
  /** Interface to listen on. Default `127.0.0.1`: what listens elsewhere should have an `authorize`. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /**
   * Whether to serve a request; others get 401. Default: all are served, as twilight's broker does. A secret in a header
   * should be compared with `crypto.timingSafeEqual`.
   */
  readonly authorize?: (request: IncomingMessage) => boolean | Promise<boolean>
  /** The queue's source of time, for `/status`; tests give a virtual one. */
  readonly clock?: Clock
}

/** An identify queue that listens. */
export interface QueueServer extends AsyncDisposable {
  /** Its address, e.g. `http://127.0.0.1:8080`. */
  readonly url: string
  /** Requests that wait for their turn. */
  readonly waiting: number
  /** Stops listening. Those who wait get 503 at once and take a new place elsewhere, or later. */
  close(): Promise<void>
}

/** What twilight's broker says. */
const consent = { message: "You're free to connect now! :)" }
/** A client whose host is gone gives its place up after this and ten probes, each second, and not in its turn. */
const probeAfterMs = 30_000
/** How long answers may take to leave a server that closes. */
const closeTimeoutMs = 1_000
const highestShardId = 2 ** 31 - 1

/**
 * Serves an identify queue to many processes, in any language, as twilight's gateway-queue does: whatever the method
 * and the path, the request is answered with 200 when the shard that `?shard=N` names (default 0) may identify. The
 * permit is spent when the answer is written, and the lane's window runs from there; a client that goes away before
 * costs nothing.
 *
 * `/status` alone is another thing, for people and health checks: `{ waiting, remaining, total, resetAfterMs }` at once,
 * the last three as far as the queue tells them (`resetAfterMs` is `null` while no period has begun).
 *
 * Other answers, all JSON with a `message`: 400 for a shard that is no shard id, 401, 503 with a `code` when the queue
 * fails or the server closes.
 * @throws GatewayError QUEUE_FAILED if it cannot listen
 */
export async function createQueueServer(options: QueueServerOptions): Promise<QueueServer> {
  const server = new ListeningQueue(options)
  await server.listen()
  return server
}

/** What some queues tell beside granting permits. */
type ToldBudget = Partial<Pick<InMemoryIdentifyQueue, 'remaining' | 'total' | 'resetAtMs'>>

class ListeningQueue implements QueueServer {
  readonly #options: QueueServerOptions
  readonly #server: Server
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined
  #url = ''
  #waiting = 0

  constructor(options: QueueServerOptions) {
    this.#options = options
    this.#server = createServer(
      { keepAlive: true, keepAliveInitialDelay: probeAfterMs },
      (request, response) => void this.#handle(request, response),
    )
  }

  get url(): string {
    return this.#url
  }

  get waiting(): number {
    return this.#waiting
  }

  async listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    try {
      this.#server.listen(port, host, resolve)
      await promise
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
      throw new GatewayError(
        'QUEUE_FAILED',
        `could not listen on ${host}:${port} (${why}): choose another host or port`,
        { cause },
      )
    }
    const { address, family, port: ownPort } = this.#server.address() as AddressInfo
    this.#url = `http://${family === 'IPv6' ? `[${address}]` : address}:${ownPort}`
    // A connection that could not be accepted concerns its client, which tries again.
    this.#server.on('error', () => undefined)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    const { clock = systemClock } = this.#options
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#closing.abort()
    // A connection that neither asks nor reads must not keep the server.
    const timer = clock.setTimeout(() => this.#server.closeAllConnections(), closeTimeoutMs)
    await promise
    clock.clearTimeout(timer)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whatever body there is, is ignored; unread it would hold the connection up.
    request.resume()
    response.on('error', () => undefined)
    try {
      if (!(await this.#isAllowed(request))) {
        answer(response, 401, { message: 'this broker wants to know who you are' })
        return
      }
      const url = URL.parse(request.url ?? '/', 'http://broker')
      if (url?.pathname === '/status') {
        answer(response, 200, this.#status())
        return
      }
      const shardId = readShardId(url?.searchParams.get('shard') ?? undefined)
      if (shardId === undefined) {
        const message = `shard must be an integer from 0 to ${highestShardId}`
        answer(response, 400, { message })
        return
      }
      await this.#serve(shardId, response)
    } catch (error) {
      answer(response, 503, describe(error))
    }
  }

  async #isAllowed(request: IncomingMessage): Promise<boolean> {
    const { authorize } = this.#options
    return authorize === undefined || (await authorize(request))
  }

  async #serve(shardId: number, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    const left = (): void => gone.abort()
    response.once('close', left)
    if (response.closed) left()
    this.#waiting += 1
    try {
      const signal = AbortSignal.any([gone.signal, this.#closing.signal])
      const permit = await this.#options.queue.acquire(shardId, signal)
      if (signal.aborted) {
        permit.release()
        if (!gone.signal.aborted) turnAway(response)
      } else {
        grant(response, permit)
      }
    } catch (error) {
      if (gone.signal.aborted) return
      if (this.#closing.signal.aborted) turnAway(response)
      else answer(response, 503, describe(error))
    } finally {
      this.#waiting -= 1
      response.off('close', left)
    }
  }

  #status(): Record<string, unknown> {
    const { queue, clock = systemClock } = this.#options
    const { remaining, total, resetAtMs }: IdentifyQueue & ToldBudget = queue
    const resetAfterMs =
      resetAtMs === undefined ? undefined : Math.max(0, Math.round(resetAtMs - clock.now()))
    return {
      waiting: this.#waiting,
      remaining,
      total,
      resetAfterMs: resetAfterMs === Infinity ? null : resetAfterMs,
    }
  }
}

/** Tells one who waits that this server closes. */
function turnAway(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  answer(response, 503, { message: 'this broker is shutting down: ask again', code: 'CLOSED_LOCALLY' })
}

/** Consents. The permit is spent when the answer has left, and goes back if the client left before. */
function grant(response: ServerResponse, permit: IdentifyPermit): void {
  response.once('finish', () => permit.spend())
  // After `finish` this is the second call and does not count.
  response.once('close', () => permit.release())
  answer(response, 200, consent)
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}

/** Foreign errors may hold anything: only ours are told to clients. */
function describe(error: unknown): object {
  if (!GatewayError.isGatewayError(error))
    return { message: 'the identify queue failed', code: 'QUEUE_FAILED' }
  return { message: error.message, code: error.code }
}

/** Without a shard it is 0, as with twilight's broker. */
function readShardId(text: string | undefined): number | undefined {
  if (text === undefined) return 0
  if (!/^\d{1,10}$/.test(text)) return undefined
  const shardId = Number(text)
  return shardId <= highestShardId ? shardId : undefined
}
