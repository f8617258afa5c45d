import { getEventListeners, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { describe, expect, test } from 'vitest'

import { fetchGatewayBot } from '../../src/http/gateway-bot.ts'
import { userAgent } from '../../src/protocol/user-agent.ts'
import { eventually } from '../support/eventually.ts'
import {
  api,
  ask,
  body,
  bot,
  cut,
  drop,
  failure,
  json,
  status,
  TellingClock,
  token,
  type Answer,
} from './fixture.ts'

const timeoutMs = 10_000

describe('an answer', () => {
  test('is what Discord said, in our terms', async () => {
    const { apiUrl, requests } = await api(json(body))
    const { answer, waits } = await ask({ apiUrl })
    expect(await answer).toEqual(bot)
    expect(await waits).toEqual([])
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/api/v10/gateway/bot' })
    expect(requests[0]?.headers).toMatchObject({ authorization: `Bot ${token}`, 'user-agent': userAgent })
  })

  test('does not depend on a prefix of the token or a slash behind the URL', async () => {
    const { apiUrl, requests } = await api(json(body))
    await (
      await ask({ apiUrl: `${apiUrl}/`, token: `Bot ${token}` })
    ).answer
    expect(requests[0]?.url).toBe('/api/v10/gateway/bot')
    expect(requests[0]?.headers.authorization).toBe(`Bot ${token}`)
  })

  test('may hold more than we know, and a budget that is used up', async () => {
    const limit = { total: 1_000, remaining: 0, reset_after: 0.5, max_concurrency: 1, extra: 1 }
    const { apiUrl } = await api(json({ ...body, session_start_limit: limit, extra: {} }))
    const { answer } = await ask({ apiUrl })
    expect((await answer).sessionStartLimit).toEqual({
      total: 1_000,
      remaining: 0,
      resetAfterMs: 0.5,
      maxConcurrency: 1,
    })
  })
})

describe('what may pass is tried again', () => {
  test.each([500, 502, 503, 520, 429])('%i', async (code) => {
    const { apiUrl, requests } = await api(status(code), json(body))
    const { answer, waits } = await ask({ apiUrl })
    expect(await answer).toEqual(bot)
    expect(await waits).toEqual([500])
    expect(requests).toHaveLength(2)
  })

  test.each([
    ['7', 7_000],
    ['0.35', 500],
    ['3600', 3_600_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 500],
    ['-1', 500],
  ])('429 with retry-after %s, not before', async (header, waitMs) => {
    const { apiUrl } = await api(status(429, '{}', { 'retry-after': header }), json(body))
    const { answer, waits } = await ask({ apiUrl })
    expect(await answer).toEqual(bot)
    expect(await waits).toEqual([waitMs])
  })

  test('a connection that is dropped, before or within the answer', async () => {
    const { apiUrl } = await api(drop, cut, json(body))
    const { answer, waits } = await ask({ apiUrl })
    expect(await answer).toEqual(bot)
    expect(await waits).toEqual([500, 1_000])
  })

  test('four times in all, later and later, then the last failure is told', async () => {
    const { apiUrl, requests } = await api(status(502, '<h1>Bad\n  Gateway</h1>'))
    const { answer, waits } = await ask({ apiUrl })
    await expect(answer).rejects.toMatchObject({
      name: 'GatewayError',
      code: 'HTTP_FAILED',
      message: `GET ${apiUrl}/gateway/bot answered 502: <h1>Bad Gateway</h1>`,
      context: { status: 502 },
    })
    expect(await waits).toEqual([500, 1_000, 2_000])
    expect(requests).toHaveLength(4)
  })

  test('as often as `attempts` says, at most 8 s apart and at random', async () => {
    const { apiUrl, requests } = await api(status(500))
    const { answer, waits } = await ask({ apiUrl, attempts: 8, random: () => 0.5 })
    await expect(answer).rejects.toMatchObject({
      message: expect.stringMatching(/answered 500: \(no body\)$/),
    })
    expect(await waits).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000])
    expect(requests).toHaveLength(8)
  })
})

describe('what does not pass is told at once', () => {
  test('401: the token', async () => {
    const { apiUrl, requests } = await api(status(401, '{"message":"401: Unauthorized","code":0}'))
    const { host } = new URL(apiUrl)
    expect(await failure({ apiUrl })).toMatchObject({
      code: 'HTTP_UNAUTHORIZED',
      message: `${host} does not accept the token (401): take the current bot token from the developer portal`,
    })
    expect(requests).toHaveLength(1)
  })

  test.each([400, 403, 404, 410])('%i', async (code) => {
    const { apiUrl, requests } = await api(status(code, 'x'.repeat(1_000)))
    expect(await failure({ apiUrl })).toMatchObject({
      code: 'HTTP_FAILED',
      message: `GET ${apiUrl}/gateway/bot answered ${code}: ${'x'.repeat(200)}`,
      context: { status: code },
    })
    expect(requests).toHaveLength(1)
  })

  const { session_start_limit: limit } = body
  test.each<[string, Answer]>([
    ['no JSON', status(200, '<html>welcome to the proxy</html>')],
    ['JSON that is cut', status(200, '{"url":"wss://gateway.discord.gg"')],
    ['nothing', status(200, '')],
    ['no object', json([body])],
    ['null', json(null)],
    ['no url', json({ ...body, url: undefined })],
    ['a url that is no string', json({ ...body, url: 5 })],
    ['shards as text', json({ ...body, shards: '9' })],
    ['no shards at all', json({ ...body, shards: 0 })],
    ['no limit', json({ ...body, session_start_limit: undefined })],
    ['a limit of null', json({ ...body, session_start_limit: null })],
    [
      'a limit that lacks a number',
      json({ ...body, session_start_limit: { ...limit, reset_after: undefined } }),
    ],
    ['a negative budget', json({ ...body, session_start_limit: { ...limit, remaining: -1 } })],
  ])('200 with %s', async (_, answer) => {
    const { apiUrl, requests } = await api(answer)
    expect(await failure({ apiUrl })).toMatchObject({
      code: 'HTTP_FAILED',
      message: expect.stringContaining(
        `GET ${apiUrl}/gateway/bot answered something else than /gateway/bot does: `,
      ),
      context: { status: 200 },
    })
    expect(requests).toHaveLength(1)
  })
})

describe('no answer', () => {
  test('a host that does not exist', async () => {
    const apiUrl = 'http://discord.invalid/api/v10'
    expect(await failure({ apiUrl, attempts: 1 })).toMatchObject({
      code: 'HTTP_FAILED',
      message: expect.stringMatching(
        /^could not reach discord\.invalid \((ENOTFOUND|EAI_AGAIN)\): check the network, or apiUrl$/,
      ),
      context: { host: 'discord.invalid' },
    })
  })

  test('a port where nobody listens', async () => {
    const { apiUrl } = await api(status(200))
    const closed = createServer()
    closed.listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const host = `127.0.0.1:${port}`
    expect(await failure({ apiUrl: apiUrl.replace(/127[^/]*/, host), attempts: 1 })).toMatchObject({
      message: `could not reach ${host} (ECONNREFUSED): check the network, or apiUrl`,
    })
  })

  test.each([
    ['a head', () => undefined],
    ['the rest', (response: ServerResponse) => response.writeHead(200).write('{')],
  ] as const)('%s that does not come in time', async (_, answer) => {
    const { apiUrl, requests } = await api((response) => answer(response))
    const clock = new TellingClock()
    const asked = fetchGatewayBot({ token, apiUrl, clock, timeoutMs, attempts: 2, random: () => 1 })
    asked.catch(() => undefined)
    await eventually(() => expect(requests).toHaveLength(1))
    await clock.advance(timeoutMs)
    await eventually(() => expect(clock.delaysMs).toEqual([timeoutMs, 500]))
    await clock.advance(500)
    await eventually(() => expect(requests).toHaveLength(2))
    await clock.advance(timeoutMs)
    await expect(asked).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      message: `could not reach ${new URL(apiUrl).host} (no answer within 10000 ms): check the network, or apiUrl`,
    })
    expect(clock.pending).toBe(0)
  })
})

describe('given up by the caller', () => {
  const reason = new Error('we are leaving')

  test('before', async () => {
    const { apiUrl, requests } = await api(json(body))
    expect(await failure({ apiUrl, signal: AbortSignal.abort(reason) })).toMatchObject({
      code: 'ABORTED',
      cause: reason,
    })
    expect(requests).toEqual([])
  })

  test('while waiting for the answer', async () => {
    const controller = new AbortController()
    const { apiUrl, requests } = await api(() => controller.abort(reason))
    const error = await failure({ apiUrl, signal: controller.signal })
    expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
    expect(requests).toHaveLength(1)
  })

  test('not at all: nothing stays on the signal', async () => {
    const { apiUrl } = await api(status(503), json(body))
    const { signal } = new AbortController()
    const { answer } = await ask({ apiUrl, signal })
    expect(await answer).toEqual(bot)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('while waiting for the next attempt', async () => {
    const { apiUrl, requests } = await api(status(503))
    const controller = new AbortController()
    const clock = new TellingClock()
    const asked = fetchGatewayBot({ token, apiUrl, clock, signal: controller.signal })
    asked.catch(() => undefined)
    await eventually(() => expect(clock.delaysMs).toHaveLength(2))
    controller.abort(reason)
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
    expect(clock.pending).toBe(0)
    expect(requests).toHaveLength(1)
  })
})

test('it can be asked through another fetch', async () => {
  const asked: unknown[] = []
  const fetch: typeof globalThis.fetch = (input) => {
    asked.push(input)
    return Promise.resolve(Response.json(body))
  }
  expect(await fetchGatewayBot({ token, fetch })).toEqual(bot)
  expect(asked).toEqual(['https://discord.com/api/v10/gateway/bot'])
})
