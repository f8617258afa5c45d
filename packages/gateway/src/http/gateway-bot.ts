import { systemClock, type Clock } from '../clock.ts'
import { ConfigError, GatewayError } from '../errors.ts'
import { userAgent } from '../protocol/user-agent.ts'
import type { SessionStartLimit } from '../queue/session-start-limit.ts'
import { bareToken, checkToken, withoutToken } from '../token.ts'

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
 * @throws ConfigError CONFIG_INVALID for a token or `apiUrl` that cannot be sent
 */
export async function fetchGatewayBot(options: FetchGatewayBotOptions): Promise<GatewayBot> {
  const { attempts = 4, clock = systemClock, random = Math.random, signal } = options
  checkSendable(options)
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce(options)
    if (!('error' in result)) return result
    if (signal?.aborted) throw aborted(signal)
    if (attempt >= attempts) throw result.error
    const ceilingMs = Math.min(backoffMs.cap, backoffMs.base * 2 ** (attempt - 1))
    await sleep(Math.max(result.retryAfterMs, random() * ceilingMs), clock, signal)
  }
}

/** What `fetch` says about a value that it cannot send would show it. */
function checkSendable({ token, apiUrl = defaultApiUrl }: FetchGatewayBotOptions): void {
  checkToken(token)
  const url = URL.parse(apiUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw ConfigError.option('apiUrl', apiUrl, 'an http:// or https:// URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError(
      'CONFIG_INVALID',
      `option apiUrl must not hold credentials, as that for ${url.host} does`,
      {
        context: { option: 'apiUrl' },
      },
    )
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
  const headers = { authorization: `Bot ${bareToken(options.token)}`, 'user-agent': userAgent }
  let response: FetchResponse
  let text: string
  try {
    response = await fetch(url, { headers, signal: AbortSignal.any(signals) })
    // Some proxies answer with what they were asked.
    text = withoutToken(await response.text(), options.token)
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
  const said = excerpt(text)
  const context = { status: response.status }
  if (response.ok) {
    const bot = parse(text)
    if (bot !== undefined) return bot
    const message = `GET ${url} answered something else than /gateway/bot does: ${said}`
    throw new GatewayError('HTTP_FAILED', message, { context })
  }
  const error = new GatewayError('HTTP_FAILED', `GET ${url} answered ${response.status}: ${said}`, {
    context,
  })
  if (response.status !== 429 && response.status < 500) throw error
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000
  return { error, retryAfterMs: Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : 0 }
}

/** The answer, or `undefined` if it has another shape. */
function parse(text: string): GatewayBot | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  const limit = field(body, 'session_start_limit')
  const gatewayUrl = field(body, 'url')
  const shards = field(body, 'shards')
  const total = field(limit, 'total')
  const remaining = field(limit, 'remaining')
  const resetAfterMs = field(limit, 'reset_after')
  const maxConcurrency = field(limit, 'max_concurrency')
  if (typeof gatewayUrl !== 'string' || !isAmount(shards) || shards < 1) return undefined
  if (!isAmount(total) || !isAmount(remaining) || !isAmount(resetAfterMs) || !isAmount(maxConcurrency)) {
    return undefined
  }
  return { url: gatewayUrl, shards, sessionStartLimit: { total, remaining, resetAfterMs, maxConcurrency } }
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
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

function aborted({ reason }: AbortSignal): GatewayError {
  return new GatewayError('ABORTED', 'the request for /gateway/bot was aborted', { cause: reason })
}

function sleep(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    }, delayMs)
    const giveUp = (): void => {
      clock.clearTimeout(timer)
      if (signal) reject(aborted(signal))
    }
    signal?.addEventListener('abort', giveUp, { once: true })
  })
}
