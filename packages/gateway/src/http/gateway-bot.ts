import { systemClock, type Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { userAgent } from '../protocol/user-agent.ts'
import type { SessionStartLimit } from '../queue/session-start-limit.ts'

/** Discord's API, version 10. */
export const defaultApiUrl = 'https://discord.com/api/v10'

/** What `GET /gateway/bot` answers (Discord docs, *Gateway*, Get Gateway Bot). */
export interface GatewayBot {
  /** Where to connect. */
  readonly url: string
  /** The recommended number of shards. */
  readonly shards: number
  readonly sessionStartLimit: SessionStartLimit
}

/** What is used of `fetch`; the global one fits, and those of the packages undici and node-fetch. */
export type Fetch = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => Promise<FetchResponse>

/** What is used of what `fetch` resolves with. */
export interface FetchResponse {
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

export interface FetchGatewayBotOptions {
  /** With or without the `Bot ` prefix. */
  readonly token: string
  /** Base of the API. Default `https://discord.com/api/v10`. */
  readonly apiUrl?: string
  readonly signal?: AbortSignal
  /** Deadline of one attempt. Default 10,000. */
  readonly timeoutMs?: number
  /** Attempts in all, for failures that may pass. Default 4. */
  readonly attempts?: number
  /** What asks. Default: the global `fetch`. */
  readonly fetch?: Fetch
  readonly clock?: Clock
  readonly random?: () => number
}

/** An attempt that failed in a way that may pass. */
interface Failure {
  readonly error: GatewayError
  readonly retryAfterMs: number
}

/** Ceilings of the wait between attempts. */
const backoffMs = { base: 500, cap: 8_000 }

/**
 * Asks Discord how many shards to run, where, and how fast. Retries 429, 5xx and network failures.
 * @throws GatewayError HTTP_UNAUTHORIZED for a wrong token, HTTP_FAILED for anything else, ABORTED
 */
export async function fetchGatewayBot(options: FetchGatewayBotOptions): Promise<GatewayBot> {
  const { attempts = 4, clock = systemClock, random = Math.random, signal } = options
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce(options)
    if (!('error' in result)) return result
    if (signal?.aborted) throw new GatewayError('ABORTED', 'the request for /gateway/bot was aborted')
    if (attempt >= attempts) throw result.error
    const ceilingMs = Math.min(backoffMs.cap, backoffMs.base * 2 ** (attempt - 1))
    await sleep(Math.max(result.retryAfterMs, random() * ceilingMs), clock, signal)
  }
}

async function tryOnce(options: FetchGatewayBotOptions): Promise<GatewayBot | Failure> {
  const {
    apiUrl = defaultApiUrl,
    fetch = globalThis.fetch,
    timeoutMs = 10_000,
    clock = systemClock,
  } = options
  const url = `${apiUrl.replace(/\/$/, '')}/gateway/bot`
  const deadline = new AbortController()
  const timer = clock.setTimeout(
    () => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)),
    timeoutMs,
  )
  const signals = options.signal ? [options.signal, deadline.signal] : [deadline.signal]
  const headers = { authorization: `Bot ${options.token.replace(/^Bot /, '')}`, 'user-agent': userAgent }
  let response: FetchResponse
  let text: string
  try {
    response = await fetch(url, { headers, signal: AbortSignal.any(signals) })
    text = await response.text()
  } catch (cause) {
    return { error: unreachable(url, cause), retryAfterMs: 0 }
  } finally {
    clock.clearTimeout(timer)
  }
  if (response.status === 401) {
    throw new GatewayError(
      'HTTP_UNAUTHORIZED',
      `${hostOf(url)} does not accept the token (401): take the current bot token from the developer portal`,
    )
  }
  if (response.ok) return parse(url, text)
  const error = new GatewayError('HTTP_FAILED', `GET ${url} answered ${response.status}: ${excerpt(text)}`, {
    context: { status: response.status },
  })
  if (response.status !== 429 && response.status < 500) throw error
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000
  return { error, retryAfterMs: Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : 0 }
}

function parse(url: string, text: string): GatewayBot {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  const limit = field(body, 'session_start_limit')
  const gatewayUrl = field(body, 'url')
  const numbers = [
    field(body, 'shards'),
    field(limit, 'total'),
    field(limit, 'remaining'),
    field(limit, 'reset_after'),
    field(limit, 'max_concurrency'),
  ]
  const [shards, total, remaining, resetAfterMs, maxConcurrency] = numbers
  if (typeof gatewayUrl === 'string' && numbers.every((value) => typeof value === 'number')) {
    const sessionStartLimit = { total, remaining, resetAfterMs, maxConcurrency } as SessionStartLimit
    return { url: gatewayUrl, shards: shards as number, sessionStartLimit }
  }
  throw new GatewayError(
    'HTTP_FAILED',
    `GET ${url} answered something else than /gateway/bot does: ${excerpt(text)}`,
  )
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** `fetch failed` says nothing: the cause below it does. */
function unreachable(url: string, cause: unknown): GatewayError {
  const below = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = field(below, 'code')
  const what = typeof code === 'string' ? code : below instanceof Error ? below.message : String(below)
  return new GatewayError(
    'HTTP_FAILED',
    `could not reach ${hostOf(url)} (${what}): check the network, or apiUrl`,
    {
      cause,
      context: { host: hostOf(url) },
    },
  )
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line === '' ? '(no body)' : line.slice(0, 200)
}

function sleep(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, delayMs)
    const aborted = (): void => {
      clock.clearTimeout(timer)
      reject(new GatewayError('ABORTED', 'the request for /gateway/bot was aborted'))
    }
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
