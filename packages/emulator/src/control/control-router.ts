import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Emulator } from '../emulator.ts'
import { ControlError } from './control-error.ts'
import { controlPath, controlRoutes } from './route.ts'
import type { ControlRoute } from './route.ts'

const maxBodyBytes = 32 * 1024 * 1024

const routes = controlRoutes.map((route) => ({ route, segments: segmentsOf(route.path) }))

/** Lets a test in any language do over HTTP what {@link Emulator} does. */
export class ControlRouter {
  readonly #emulator: Emulator

  constructor(emulator: Emulator) {
    this.#emulator = emulator
  }

  /** Whether a request is for the emulator, and not for the API that it plays. */
  owns({ url = '' }: IncomingMessage): boolean {
    const [path = ''] = url.split('?', 1)
    return path === controlPath || path.startsWith(`${controlPath}/`)
  }

  /** One request of the HTTP server. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request, response)
      if (!response.headersSent) write(response, 200, answer ?? {})
    } catch (error) {
      if (response.headersSent) response.destroy()
      else writeFailure(response, error)
      // What is left of a body that was not wanted, so that the answer is read.
      request.resume()
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    // Browsers name the page that asks; no page that happens to be open shall script anybody's tests.
    if (request.headers.origin !== undefined) throw new ControlError(403, 'web pages are not answered')
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://emulator')
    const { route, params } = findRoute(
      request.method ?? 'GET',
      segmentsOf(pathname.slice(controlPath.length)),
    )
    return await route.handle({
      emulator: this.#emulator,
      name: params['name'] ?? '',
      shard: params['shard'] ?? '',
      query: searchParams,
      request,
      response,
      json: async () => readJson(request),
    })
  }
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** @throws ControlError 404 that lists the routes, 405 for a route that is there for another method. */
function findRoute(
  method: string,
  path: readonly string[],
): { readonly route: ControlRoute; readonly params: Readonly<Record<string, string>> } {
  const allowed: string[] = []
  for (const { route, segments } of routes) {
    if (segments.length !== path.length) continue
    const params: Record<string, string> = {}
    const fits = segments.every((segment, index) => {
      const actual = path[index] ?? ''
      if (!segment.startsWith(':')) return segment === actual
      params[segment.slice(1)] = decoded(actual)
      return true
    })
    if (!fits) continue
    if (route.method === method) return { route, params }
    allowed.push(route.method)
  }
  const facts = { routes: controlRoutes.map((route) => `${route.method} ${controlPath}${route.path}`) }
  const where = `${controlPath}/${path.join('/')}`
  if (allowed.length === 0) throw new ControlError(404, `there is no ${where}`, facts)
  throw new ControlError(405, `${where} takes ${allowed.join(' and ')}, not ${method}`, facts)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The body, whatever its content type says. @throws ControlError 400 or 413. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false })
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBodyBytes) throw new ControlError(413, `the body is larger than ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ControlError(400, `the body is no JSON: ${reason}`)
  }
}

function writeFailure(response: ServerResponse, error: unknown): void {
  if (error instanceof ControlError) write(response, error.status, { error: error.message, ...error.facts })
  // What the emulator refuses as it would refuse a caller in its own process.
  else if (error instanceof RangeError || error instanceof SyntaxError) {
    write(response, 400, { error: error.message })
  } else write(response, 500, { error: error instanceof Error ? error.message : String(error) })
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
