import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'

import { GatewayError } from '../../src/errors.ts'
import { createQueueServer, InMemoryIdentifyQueue, type IdentifyQueue } from '../../src/queue/index.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'

const hour = { windowMs: 60 * 60 * 1_000 }

const windowMs = 5_000

/** A server around a queue with one lane, in virtual time. */
async function serveOneLane() {
  const clock = new VirtualClock()
  const queue = new InMemoryIdentifyQueue({ windowMs, slackMs: 0, clock })
  const server = await createQueueServer({ queue, clock })
  onTestFinished(() => server.close())
  return { server, queue, clock }
}

test('answers a plain fetch in the words of the original', async () => {
  await using server = await createQueueServer({ queue: new InMemoryIdentifyQueue(hour) })
  const response = await fetch(`${server.url}/?shard=3`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual({ message: "You're free to connect now! :)" })
})

test.each([
  ['POST', '/?shard=1', 1],
  ['GET', '/whatever/there/is?shard=1&x=2', 1],
  ['GET', '', 0],
  ['GET', '?shard=2147483647', 2_147_483_647],
])('%s %s is shard %s: method, path and missing ids do not matter', async (method, path, expected) => {
  const asked: number[] = []
  const queue: IdentifyQueue = {
    acquire: (shardId) => {
      asked.push(shardId)
      return Promise.resolve({ spend: () => undefined, release: () => undefined })
    },
  }
  await using server = await createQueueServer({ queue })
  const body = method === 'POST' ? 'x'.repeat(10_000) : undefined
  const response = await fetch(server.url + path, { method, ...(body ? { body } : {}) })
  expect(response.status).toBe(200)
  expect(asked).toEqual([expected])
})

test.each(['abc', '-1', '1.5', '1e3', '', '%00', '2147483648', '99999999999999999999'])(
  'shard=%s is 400 and takes no place',
  async (shard) => {
    const queue = new InMemoryIdentifyQueue(hour)
    await using server = await createQueueServer({ queue })
    const response = await fetch(`${server.url}/?shard=${shard}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ message: 'shard must be an integer from 0 to 2147483647' })
    expect(queue.remaining).toBe(queue.total)
  },
)

describe('a client that goes away', () => {
  test('while it waits costs nothing, and the next has its place', async () => {
    const { server, queue, clock } = await serveOneLane()
    await fetch(server.url)
    const controller = new AbortController()
    const left = fetch(server.url, { signal: controller.signal }).catch((error: unknown) => error)
    while (queue.waiting < 1) await settled()
    const stayed = fetch(server.url)
    while (queue.waiting < 2) await settled()
    controller.abort()
    await left
    while (queue.waiting > 1) await settled()
    await clock.advance(windowMs - 1)
    expect(server.waiting).toBe(1)
    await clock.advance(1)
    expect((await stayed).status).toBe(200)
    expect(queue.total - queue.remaining).toBe(2)
  })

  test('in the moment of its turn gives its permit back', async () => {
    const settledBy: string[] = []
    const turn = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    const queue: IdentifyQueue = {
      acquire: async (_, signal) => {
        signals.push(signal)
        await turn.promise
        return { spend: () => settledBy.push('spend'), release: () => settledBy.push('release') }
      },
    }
    await using server = await createQueueServer({ queue })
    const controller = new AbortController()
    const left = fetch(server.url, { signal: controller.signal }).catch((error: unknown) => error)
    while (signals.length === 0) await settled()
    controller.abort()
    await left
    while (signals[0]?.aborted === false) await settled()
    turn.resolve()
    while (server.waiting > 0) await settled()
    expect(settledBy).toEqual(['release'])
  })
})

test('the window runs from the answer', async () => {
  const { server, clock } = await serveOneLane()
  await clock.advance(3 * windowMs)
  await fetch(server.url)
  const second = fetch(server.url)
  while (server.waiting === 0) await settled()
  await clock.advance(windowMs - 1)
  expect(server.waiting).toBe(1)
  await clock.advance(1)
  expect((await second).status).toBe(200)
})

test('/status tells at once who waits and what is left, and takes no place', async () => {
  const { server, clock } = await serveOneLane()
  const status = async (): Promise<unknown> => (await fetch(`${server.url}/status`)).json()
  expect(await status()).toEqual({ waiting: 0, remaining: 1_000, total: 1_000, resetAfterMs: null })
  await fetch(server.url)
  const waiting = fetch(server.url)
  while (server.waiting === 0) await settled()
  await clock.advance(1_000)
  const dayMs = 24 * 60 * 60 * 1_000
  expect(await status()).toEqual({ waiting: 1, remaining: 999, total: 1_000, resetAfterMs: dayMs - 1_000 })
  await clock.advance(windowMs)
  expect((await waiting).status).toBe(200)
})

test('/status of a queue without a budget tells who waits', async () => {
  const queue: IdentifyQueue = { acquire: () => new Promise(() => undefined) }
  await using server = await createQueueServer({ queue })
  expect(await (await fetch(`${server.url}/status`)).json()).toEqual({ waiting: 0 })
})

test('authorize turns others away, before they have a place', async () => {
  const queue = new InMemoryIdentifyQueue(hour)
  await using server = await createQueueServer({
    queue,
    authorize: async ({ headers }) => {
      await settled()
      if (headers.authorization === 'broken') throw new Error('the secret is sesame')
      return headers.authorization === 'sesame'
    },
  })
  const ask = (path: string, authorization: string): Promise<Response> =>
    fetch(server.url + path, { headers: { authorization } })
  expect((await ask('/', 'guess')).status).toBe(401)
  expect((await ask('/status', 'guess')).status).toBe(401)
  const broken = await ask('/', 'broken')
  expect(broken.status).toBe(503)
  expect(await broken.text()).not.toContain('sesame')
  expect(queue.remaining).toBe(queue.total)
  expect((await ask('/', 'sesame')).status).toBe(200)
})

test.each([
  [
    new GatewayError('QUEUE_FAILED', 'no starts are left'),
    { message: 'no starts are left', code: 'QUEUE_FAILED' },
  ],
  [new Error('password=1234'), { message: 'the identify queue failed', code: 'QUEUE_FAILED' }],
])('a queue that fails is 503', async (error, body) => {
  const acquire = async (): Promise<never> => {
    throw error
  }
  await using server = await createQueueServer({ queue: { acquire } })
  const response = await fetch(server.url)
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual(body)
})

test('close answers those who wait with 503 and frees the port', async () => {
  const queue = new InMemoryIdentifyQueue(hour)
  const server = await createQueueServer({ queue })
  const { url } = server
  await fetch(url)
  const waiting = [fetch(url), fetch(url)]
  while (queue.waiting < 2) await settled()
  await Promise.all([server.close(), server.close()])
  for (const response of await Promise.all(waiting)) {
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'CLOSED_LOCALLY' })
  }
  expect(queue.waiting).toBe(0)
  await using next = await createQueueServer({ queue, port: Number(new URL(url).port) })
  expect(next.url).toBe(url)
})

test('a port that is taken is QUEUE_FAILED', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  while (taken.address() === null) await settled()
  const { port } = taken.address() as { port: number }
  await expect(createQueueServer({ queue: new InMemoryIdentifyQueue(), port })).rejects.toMatchObject({
    code: 'QUEUE_FAILED',
    message: `could not listen on 127.0.0.1:${port} (EADDRINUSE): choose another host or port`,
  })
  taken.close()
})

test('a port that is none is QUEUE_FAILED', async () => {
  const served = createQueueServer({ queue: new InMemoryIdentifyQueue(), port: 70_000 })
  await expect(served).rejects.toMatchObject({ code: 'QUEUE_FAILED' })
})
