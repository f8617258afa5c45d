import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { Emulator } from 'twilight-emulator'
import { describe, expect, test } from 'vitest'

import { Cluster, Intents } from '../../src/index.ts'
import { createQueueServer, HttpIdentifyQueue, InMemoryIdentifyQueue } from '../../src/queue/index.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'
import { consent, http, scriptedBroker } from './scripted-broker.ts'

const never = new AbortController().signal

test('asks with the shard in the query, beside what is there, and with the headers given', async () => {
  let seen = ''
  const broker = await scriptedBroker((socket, request) => {
    seen = request
    socket.end(http(200, consent))
  })
  const queue = new HttpIdentifyQueue({
    url: `${broker.url}/of/bots?bot=7`,
    headers: { authorization: 'secret' },
  })
  const permit = await queue.acquire(42, never)
  permit.release()
  expect(broker.requests).toEqual(['GET /of/bots?bot=7&shard=42 HTTP/1.1'])
  expect(seen).toMatch(/\r\nauthorization: secret\r\n/)
  expect(seen).toMatch(/\r\nuser-agent: DiscordBot \(/)
})

test('waits as long as it takes, over an answer that comes in pieces', async () => {
  const waiting: Socket[] = []
  const broker = await scriptedBroker((socket) => waiting.push(socket))
  const clock = new VirtualClock()
  const granted = new HttpIdentifyQueue({ url: broker.url, clock }).acquire(0, never)
  while (waiting.length === 0) await settled()
  // No timer of ours is left that could end the wait.
  expect(clock.pending).toBe(0)
  await clock.advance(24 * 60 * 60 * 1_000)
  const text = http(200, consent)
  for (const piece of [text.slice(0, 5), text.slice(5, 60), text.slice(60)]) {
    waiting[0]?.write(piece)
    await settled()
  }
  expect(await granted).toBeDefined()
  expect(clock.pending).toBe(0)
})

describe('a broker that does not consent', () => {
  test.each([
    ['500', http(500, 'oh no'), 'answered 500: oh no'],
    ['401', http(401, '{"message":"who?"}'), 'answered 401'],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
      'answered 302',
    ],
    [
      'another 200',
      http(200, '<html>It works!</html>'),
      'something else than a gateway-queue broker does: <html>',
    ],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'answered 204: (no body)'],
    ['JSON without a message', http(200, '{"ok":true}'), 'something else'],
    ['JSON that is no object', http(200, 'null'), 'something else'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['nothing', '', 'ECONNRESET'],
    ['half an answer', http(200, consent).slice(0, -5), 'ECONNRESET'],
    ['an endless answer', http(200, ' '.repeat(100_000)), 'an answer of more than 16384 bytes'],
  ])('%s is QUEUE_FAILED', async (_, text, message) => {
    const broker = await scriptedBroker((socket) => socket.end(text, 'latin1'))
    const clock = new VirtualClock()
    const queue = new HttpIdentifyQueue({ url: broker.url, clock })
    const error: unknown = await queue.acquire(3, never).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'QUEUE_FAILED',
      context: { shardId: 3, host: new URL(broker.url).host },
    })
    expect(String(error)).toContain(message)
    expect(broker.requests).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('one that is not there is QUEUE_FAILED, and the message shows no password', async () => {
    const server = await createQueueServer({ queue: new InMemoryIdentifyQueue() })
    await server.close()
    const queue = new HttpIdentifyQueue({ url: server.url.replace('//', '//user:password@') })
    const error: unknown = await queue.acquire(0, never).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'QUEUE_FAILED' })
    expect(String(error)).toContain('ECONNREFUSED')
    expect(JSON.stringify(error) + String(error)).not.toContain('password')
  })

  test.each([
    ['whole wait', { timeoutMs: 1_000 }, '', 'no answer within 1000 ms'],
    [
      'rest of an answer',
      {},
      'HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{',
      'the answer did not end within 10000 ms',
    ],
  ])('the deadline of the %s is kept', async (_, options, text, message) => {
    const broker = await scriptedBroker((socket) => socket.write(text))
    const clock = new VirtualClock()
    const granted = new HttpIdentifyQueue({ url: broker.url, clock, ...options }).acquire(0, never)
    granted.catch(() => undefined)
    while (broker.requests.length === 0 || clock.pending === 0) await settled()
    await clock.advance(10_000)
    await expect(granted).rejects.toThrow(message)
    while (broker.ended === 0) await settled()
    expect(clock.pending).toBe(0)
  })

  test('the deadline of the connection is kept', async () => {
    const clock = new VirtualClock()
    // A name that is looked up for ever.
    const agent = new Agent({ lookup: () => undefined })
    const granted = new HttpIdentifyQueue({ url: 'http://queue.example', agent, clock }).acquire(0, never)
    granted.catch(() => undefined)
    await clock.advance(10_000)
    await expect(granted).rejects.toThrow('no connection within 10000 ms')
    expect(clock.pending).toBe(0)
  })
})

test('an abort drops the connection at once', async () => {
  const broker = await scriptedBroker(() => undefined)
  const controller = new AbortController()
  const queue = new HttpIdentifyQueue({ url: broker.url })
  const granted = queue.acquire(9, controller.signal)
  while (broker.requests.length === 0) await settled()
  const reason = new Error('the socket is gone')
  controller.abort(reason)
  await expect(granted).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
  while (broker.ended === 0) await settled()
})

test.each([
  ['url', { url: 'queue.example:80' }],
  ['url', { url: 'not a url' }],
  ['connectTimeoutMs', { url: 'http://queue.example', connectTimeoutMs: 0 }],
  ['timeoutMs', { url: 'http://queue.example', timeoutMs: Number.NaN }],
])('a bad %s is refused', (option, options) => {
  expect(() => new HttpIdentifyQueue(options)).toThrow(`option ${option} must be`)
})

function makeCluster(emulator: Emulator, url: string): Promise<Cluster> {
  return Cluster.create({
    token: emulator.token,
    intents: Intents.Guilds,
    apiUrl: emulator.apiUrl,
    shards: 2,
    identifyQueue: new HttpIdentifyQueue({ url }),
    // The wait after a queue's failure is half its ceiling, the shortest there is.
    random: () => 0,
  })
}

describe('shards that identify through a broker', () => {
  const laneMs = 200

  test('keep the window between them', async () => {
    await using emulator = await Emulator.start({ shards: 2, identifyWindowMs: laneMs })
    const queue = new InMemoryIdentifyQueue({ windowMs: laneMs, slackMs: 500 })
    await using server = await createQueueServer({ queue })
    await using cluster = await makeCluster(emulator, server.url)
    await cluster.up()
    const { identifies, violations } = emulator.report()
    expect(identifies.map(({ outcome }) => outcome)).toEqual(['ready', 'ready'])
    expect(violations).toEqual([])
    expect(queue.total - queue.remaining).toBe(2)
  })

  test('wait for one that fails, say so, and go when it is there', async () => {
    await using emulator = await Emulator.start({ shards: 2, identifyWindowMs: 0 })
    let isBroken = true
    const broker = await scriptedBroker((socket) => {
      socket.end(isBroken ? http(502, 'bad gateway') : http(200, consent))
      if (broker.requests.length === 2) isBroken = false
    })
    await using cluster = await makeCluster(emulator, broker.url)
    const failed = new Set<number>()
    cluster.on('SHARD_IDENTIFY_QUEUE_ERROR', ({ shardId, data }) => {
      expect(data.error).toMatchObject({ code: 'QUEUE_FAILED' })
      failed.add(shardId)
    })
    await cluster.up()
    expect(failed).toEqual(new Set([0, 1]))
    expect(cluster.info().map(({ stats }) => stats.queueFailures)).toEqual([1, 1])
    expect(broker.requests).toHaveLength(4)
    // The connections were kept meanwhile.
    expect(emulator.report().connections).toHaveLength(2)
  })

  test('leave the line when they stop', async () => {
    await using emulator = await Emulator.start({ shards: 2 })
    const queue = new InMemoryIdentifyQueue({ windowMs: 60_000 })
    await using server = await createQueueServer({ queue })
    const cluster = await makeCluster(emulator, server.url)
    const up = cluster.up().catch((error: unknown) => error)
    await emulator.waitFor('identify')
    while (server.waiting === 0) await settled()
    await cluster.down()
    expect(await up).toMatchObject({ code: 'CLOSED_LOCALLY' })
    while (server.waiting > 0) await settled()
    expect(queue.total - queue.remaining).toBe(1)
  })
})
