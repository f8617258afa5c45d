import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Gateway } from '../gateway.ts'
import { applicationRoutes } from './application-routes.ts'
import { guildRoutes } from './guild-routes.ts'
import { failure, notFound, ok, unauthorized } from './route.ts'
import type { RestResponse, Route } from './route.ts'

const maxBodyBytes = 32 * 1024 * 1024

const routes: readonly (Route & { readonly segments: readonly string[]; readonly bucket: string })[] = [
  { method: 'GET', path: '/gateway/bot', handle: gatewayBot } satisfies Route,
  ...applicationRoutes,
  ...guildRoutes,
].map((route) => ({
  ...route,
  segments: route.path.split('/').slice(1),
  bucket: createHash('md5').update(`${route.method} ${route.path}`).digest('hex'),
}))

/** Answers Discord's REST API under `/api/vN` and `/api`, as far as gateway clients need it to log in. */
export class RestRouter {
  readonly #gateway: Gateway
  readonly #gatewayUrl: () => string

  constructor(gateway: Gateway, gatewayUrl: () => string) {
    this.#gateway = gateway
    this.#gatewayUrl = gatewayUrl
  }

  /** One request of the HTTP server. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request)
      this.#answer(request, response, body)
    } catch (error) {
      if (response.headersSent) {
        response.destroy()
        return
      }
      const message = error instanceof Error ? error.message : 'unreadable body'
      write(response, failure(400, 50_109, message), undefined)
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: unknown): void {
    const path = new URL(request.url ?? '/', 'http://api').pathname.replace(/^\/api(\/v\d+)?/, '')
    if (request.method === 'GET' && path === '/gateway') {
      write(response, ok({ url: this.#gatewayUrl() }), undefined)
      return
    }
    const found = findRoute(request.method ?? 'GET', path)
    const bot = this.#gateway.bots.find(({ token, tokenValid }) => {
      return tokenValid && request.headers.authorization === `Bot ${token}`
    })
    if (bot === undefined && !path.startsWith('/interactions/')) write(response, unauthorized, undefined)
    else if (found === undefined) write(response, notFound, undefined)
    else {
      const owner = bot ?? this.#gateway.bots[0]
      if (owner === undefined) return
      const answer = found.route.handle({ gateway: this.#gateway, bot: owner, params: found.params, body })
      const withUrl = found.route.path === '/gateway/bot' ? this.#withUrl(answer) : answer
      write(response, withUrl, found.route.bucket)
    }
  }

  #withUrl(answer: RestResponse): RestResponse {
    return { status: answer.status, body: { url: this.#gatewayUrl(), ...Object(answer.body) } }
  }
}

function gatewayBot({ gateway, bot }: Parameters<Route['handle']>[0]): RestResponse {
  const { startLimit } = bot
  return ok({
    shards: gateway.settings.shards,
    session_start_limit: {
      total: startLimit.total,
      remaining: startLimit.remaining,
      reset_after: startLimit.resetAfterMs,
      max_concurrency: gateway.settings.maxConcurrency,
    },
  })
}

function findRoute(
  method: string,
  path: string,
): { readonly route: (typeof routes)[number]; readonly params: Record<string, string> } | undefined {
  const segments = path.split('/').slice(1)
  for (const route of routes) {
    if (route.method !== method || route.segments.length !== segments.length) continue
    const params: Record<string, string> = {}
    const fits = route.segments.every((segment, index) => {
      const actual = segments[index] ?? ''
      if (!segment.startsWith(':')) return segment === actual
      params[segment.slice(1)] = decodeURIComponent(actual)
      return true
    })
    if (fits) return { route, params }
  }
  return undefined
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new Error('request body is too large')
    chunks.push(chunk)
  }
  const isJson = request.headers['content-type']?.startsWith('application/json') === true
  if (size === 0 || !isJson) return undefined
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
}

/** The rate limit headers are generous: REST limits are not what this emulator is about. */
function write(response: ServerResponse, { status, body }: RestResponse, bucket: string | undefined): void {
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(bucket !== undefined && {
      'x-ratelimit-bucket': bucket,
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '999',
      'x-ratelimit-reset': String(Date.now() / 1000 + 1),
      'x-ratelimit-reset-after': '1.000',
    }),
  })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
