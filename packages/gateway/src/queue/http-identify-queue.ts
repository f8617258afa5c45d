import type { Agent } from 'node:http'

import { longestTimerMs, systemClock, type Clock } from '../clock.ts'
import { ConfigError, GatewayError } from '../errors.ts'
import { userAgent } from '../protocol/user-agent.ts'
import { askBroker, type BrokerAnswer, type BrokerRequestOptions } from './broker-request.ts'
import type { IdentifyPermit, IdentifyQueue } from './identify-queue.ts'

/** Options of an {@link HttpIdentifyQueue}. */
export interface HttpIdentifyQueueOptions {
  /** Address of the broker, `http:` or `https:`. `shard` is set in its query; what is there stays. */
  readonly url: string
  /** Sent with every request, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Where connections come from: through a proxy, or with the TLS settings of an `https.Agent`. Default: a connection
   * of its own for each request, which is what a request an hour needs.
   */
  readonly agent?: Agent
  /** Deadline of TCP and TLS together. Default 10,000. */
  readonly connectTimeoutMs?: number
  /**
   * Deadline of a whole wait; after it the shard goes to the end of the line. Default: none, since a wait is as long as
   * the line, and a broker that is gone is noticed by TCP keep-alive within a minute. Set it, to less than theirs, if
   * something between here and the broker cuts quiet connections.
   */
  readonly timeoutMs?: number
  /** Source of time; tests give a virtual one. */
  readonly clock?: Clock
}

/** The protocol knows no way to give a permit back: it is spent when the broker answers. */
const permit: IdentifyPermit = { spend: () => undefined, release: () => undefined }

/**
 * Identifies in the order of a broker that many processes share: twilight's gateway-queue, or `createQueueServer`.
 * A GET with `?shard=N` is answered when the shard may identify.
 *
 * Each `acquire` is one request. When it fails, the shard that waits tries again, with exponential backoff and jitter
 * from one to thirty seconds, as it does with any queue; whoever calls `acquire` himself must do the same.
 *
 * The broker counts a shard's identify from its answer. A shard that loses its connection between the answer and its
 * IDENTIFY, within milliseconds as a rule, has used up a place, and is one identify below what the broker believes.
 */
export class HttpIdentifyQueue implements IdentifyQueue {
  readonly #url: URL
  readonly #request: Omit<BrokerRequestOptions, 'url'>

  /** @throws ConfigError CONFIG_INVALID */
  constructor(options: HttpIdentifyQueueOptions) {
    const { headers, agent, connectTimeoutMs = 10_000, timeoutMs = Infinity, clock = systemClock } = options
    const url = URL.parse(options.url)
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      // Not the value: it may hold a password.
      throw ConfigError.option('url', typeof options.url, 'an http:// or https:// URL')
    }
    checkDelay('connectTimeoutMs', connectTimeoutMs)
    if (timeoutMs !== Infinity) checkDelay('timeoutMs', timeoutMs)
    this.#url = url
    this.#request = {
      headers: { 'user-agent': userAgent, ...headers },
      agent,
      connectTimeoutMs,
      timeoutMs,
      clock,
    }
  }

  /**
   * Waits for the broker's answer. The permit counts as spent from then on.
   * @throws GatewayError ABORTED when the signal aborts: the connection is dropped at once, which costs nothing
   * @throws GatewayError QUEUE_FAILED if the broker cannot be reached or answers with anything but its consent
   */
  async acquire(shardId: number, signal: AbortSignal): Promise<IdentifyPermit> {
    const url = new URL(this.#url)
    url.searchParams.set('shard', String(shardId))
    let answer: BrokerAnswer
    try {
      answer = await askBroker({ ...this.#request, url }, signal)
    } catch (cause) {
      if (signal.aborted) throw gaveUp(shardId, signal)
      throw this.#failed(shardId, `could not be reached (${codeOf(cause)})`, { cause })
    }
    // Consent may have crossed the abort on its way; the broker has counted it, and nobody can use it.
    if (signal.aborted) throw gaveUp(shardId, signal)
    const { status, body } = answer
    if (status !== 200)
      throw this.#failed(shardId, `answered ${status}: ${excerpt(body)}`, { context: { status } })
    if (isConsent(body)) return permit
    throw this.#failed(
      shardId,
      `answered something else than a gateway-queue broker does: ${excerpt(body)}`,
      {},
    )
  }

  #failed(
    shardId: number,
    what: string,
    options: { readonly cause?: unknown; readonly context?: Readonly<Record<string, unknown>> },
  ): GatewayError {
    const { host } = this.#url
    return new GatewayError(
      'QUEUE_FAILED',
      `the identify queue at ${host} ${what}: check the url, and the broker`,
      {
        cause: options.cause,
        context: { host, shardId, ...options.context },
      },
    )
  }
}

function gaveUp(shardId: number, signal: AbortSignal): GatewayError {
  const cause = signal.reason as unknown
  return new GatewayError('ABORTED', `shard ${shardId} no longer waits to identify`, { cause })
}

/**
 * Brokers say it with `{"message":"You're free to connect now! :)"}`. Any message will do, but some other web server
 * that answers 200 to everything must not let all shards identify at once.
 */
function isConsent(body: string): boolean {
  try {
    const value = JSON.parse(body) as unknown
    return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'message') === 'string'
  } catch {
    return false
  }
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = Reflect.get(cause, 'code') as unknown
  return typeof code === 'string' ? code : cause.message
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line === '' ? '(no body)' : line.slice(0, 200)
}

function checkDelay(option: string, value: unknown): void {
  if (typeof value === 'number' && value > 0 && value <= longestTimerMs) return
  throw ConfigError.option(option, value, `a number of milliseconds from 1 to ${longestTimerMs}`)
}
