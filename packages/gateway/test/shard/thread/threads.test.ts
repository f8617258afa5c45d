import { Worker } from 'node:worker_threads'

import { expect, onTestFinished, test, vi } from 'vitest'

import { ConfigError, FatalCloseError } from '../../../src/errors.ts'
import { unlimitedIdentifyQueue, type ClusterOptions } from '../../../src/index.ts'
import {
  commonOptions,
  expectAllOnce,
  makeCluster,
  Reader,
  say,
  startEmulator,
} from '../../behaviour/fixture.ts'

const threads = { threads: 2, shards: 4, random: undefined } as unknown as Partial<ClusterOptions>

/** Answers with the worker threads that the library has spoken to. */
function spyOnWorkers(): () => Worker[] {
  const post = vi.spyOn(Worker.prototype, 'postMessage')
  onTestFinished(() => post.mockRestore())
  return () => [...new Set(post.mock.contexts as Worker[])]
}

test('shards in threads identify, receive, resume and stop as shards in this thread do', async () => {
  const emulator = await startEmulator({ shards: 4 })
  const cluster = await makeCluster(emulator, threads)
  const reader = new Reader(cluster)
  await cluster.up()
  say(emulator, 'one')
  await reader.until(() => reader.contents.includes('one'))
  emulator.all.drop()
  say(emulator, 'two')
  await reader.until(() => reader.contents.includes('two'))
  await reader.until(() => reader.of('SHARD_CONNECTED').filter(({ data }) => data.resumed).length === 4)
  await expectAllOnce(emulator, reader)
  expect(cluster.info().map(({ id, shardCount }) => [id, shardCount])).toEqual(
    [0, 1, 2, 3].map((id) => [id, 4]),
  )
  await cluster.down()
  expect(await reader.ended).toBeUndefined()
  expect(emulator.report().violations).toEqual([])
})

test('a crashed thread is replaced and its shards resume: nothing is missed, nothing comes twice', async () => {
  const workers = spyOnWorkers()
  const emulator = await startEmulator({ shards: 4, traffic: { ratePerSecond: 100 } })
  const cluster = await makeCluster(emulator, threads)
  const reader = new Reader(cluster)
  await cluster.up()
  for (let crash = 1; crash <= 2; crash += 1) {
    const before = reader.of('SHARD_CONNECTED').length
    // The newest: the one that replaced the first to crash, when it comes to the second.
    await workers().at(-1)?.terminate()
    await reader.until(() => reader.of('SHARD_CONNECTED').length === before + 2)
  }
  emulator.traffic.stop()
  await expectAllOnce(emulator, reader)
  const lost = reader.of('SHARD_DISCONNECTED')
  expect(lost.map(({ data }) => data.cause)).toEqual(['thread', 'thread', 'thread', 'thread'])
  expect(lost[0]?.data.error).toMatchObject({ code: 'THREAD_CRASHED' })
  expect(reader.of('SHARD_CONNECTED').filter(({ data }) => data.resumed)).toHaveLength(4)
})

test('a stop while a crashed thread is not replaced yet is a stop like any other', async () => {
  const workers = spyOnWorkers()
  const emulator = await startEmulator({ shards: 4 })
  const cluster = await makeCluster(emulator, { ...threads, threads: 1, shards: 2 })
  const reader = new Reader(cluster)
  await cluster.up()
  await expectAllOnce(emulator, reader)
  const [kept, ended] = [cluster.shard(0), cluster.shard(1)]
  const { sessionId, sequence } = kept.info()
  await workers()[0]?.terminate()
  await reader.has('SHARD_RECONNECTING', 2)
  expect(cluster.info().map(({ phase }) => phase)).toEqual(['waiting', 'waiting'])
  const unsent = kept.send('{"op":31,"d":{"guild_ids":[]}}')
  expect(kept.info().commands.queued).toBe(1)
  expect(await kept.downResumable()).toMatchObject({ sessionId, sequence, shardId: 0 })
  await ended.down()
  expect(ended.session).toBeUndefined()
  await expect(unsent).rejects.toBe(await kept.closed)
  expect(cluster.info()).toMatchObject([
    {
      phase: 'stopped',
      sessionId,
      sequence,
      commands: { queued: 0 },
      stats: { connects: 1, disconnects: 1 },
    },
    { phase: 'stopped', sessionId: undefined, sequence: 0, stats: { connects: 1, disconnects: 1 } },
  ])
  expect(await reader.ended).toBeUndefined()
  // That of the other one was dropped with what waited in the stream.
  expect(reader.of('SHARD_CLOSED').map(({ shardId }) => shardId)).toEqual([1])
  expect(emulator.report().connections).toHaveLength(2)
})

test('commands go through, wait for the session, and report what is wrong with them at once', async () => {
  const emulator = await startEmulator({ shards: 4 })
  const cluster = await makeCluster(emulator, { ...threads, commandQueueLimit: 2 })
  const [guildId = ''] = emulator.world.guildIds
  const leave = {
    op: 4,
    d: { guild_id: guildId, channel_id: null, self_mute: false, self_deaf: false },
  } as const
  const sent = cluster.command(1, leave)
  void cluster.command(1, leave)
  expect(() => cluster.command(1, leave)).toThrow('commands already wait')
  expect(() => cluster.send(1, '{"op":2}')).toThrow('by itself')
  const reader = new Reader(cluster)
  await cluster.up()
  await sent
  await emulator.until(() => emulator.report().frames.filter(({ op }) => op === 4).length === 2)
  await cluster.down()
  await reader.ended
  await expect(cluster.command(1, leave)).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
})

test('a full buffer of this thread stops the reading in the other; all arrives when it is read again', async () => {
  const emulator = await startEmulator({ shards: 1 })
  const cluster = await makeCluster(emulator, { ...threads, shards: 1, highWaterMark: 10 })
  const iterator = cluster[Symbol.asyncIterator]()
  void cluster.up()
  await emulator.waitFor('identify')
  for (let index = 0; index < 3_000; index += 1) say(emulator, `${index} ${'x'.repeat(1_000)}`)
  await vi.waitUntil(() => cluster.info()[0]?.buffer.isPaused, { timeout: 10_000 })
  // What this thread holds is bounded by the batches that may be under way, not by what was sent.
  expect(cluster.info()[0]?.buffer.events).toBeLessThan(2_900)
  const contents: string[] = []
  while (contents.length < 3_000) {
    const { value } = await iterator.next()
    if (value?.type === 'MESSAGE_CREATE') contents.push(value.data.content)
  }
  expect(contents.map((content) => Number.parseInt(content, 10))).toEqual(contents.map((_, index) => index))
})

test('a session handed over holds only what the consumer acknowledged', async () => {
  const emulator = await startEmulator({ shards: 1 })
  const cluster = await makeCluster(emulator, { ...threads, shards: 1 })
  const first: string[] = []
  void cluster.up()
  await emulator.waitFor('identify')
  say(emulator, ...Array.from({ length: 50 }, (_, index) => String(index)))
  for await (const event of cluster) {
    if (event.type !== 'MESSAGE_CREATE') continue
    first.push(event.data.content)
    // The next one is in our hands when we stop, so it is not acknowledged.
    if (first.length === 21) break
  }
  const sessions = await cluster.downResumable()
  expect(sessions).toHaveLength(1)
  const next = await makeCluster(emulator, { ...threads, shards: 1, sessions })
  const reader = new Reader(next)
  await next.up()
  await reader.until(() => reader.contents.includes('49'))
  expect(reader.contents[0]).toBe('20')
  expect([...first.slice(0, 20), ...reader.contents]).toEqual(
    Array.from({ length: 50 }, (_, index) => String(index)),
  )
})

test('a fatal close reaches the caller as the error that it is', async () => {
  const emulator = await startEmulator({ shards: 4 })
  const cluster = await makeCluster(emulator, { ...threads, token: 'a.wrong.token' })
  const reader = new Reader(cluster)
  await expect(cluster.up()).rejects.toThrow(FatalCloseError)
  expect(await reader.ended).toMatchObject({ code: 'CLOSED_FATAL', closeCode: 4004 })
})

test('names that eventTypes does not list stay in the threads', async () => {
  const emulator = await startEmulator({ shards: 4 })
  const cluster = await makeCluster(emulator, { ...threads, eventTypes: ['MESSAGE_CREATE'] })
  const reader = new Reader(cluster)
  await cluster.up()
  say(emulator, 'hello')
  await reader.has('MESSAGE_CREATE')
  const types = new Set(reader.events.map(({ type }) => type).filter((type) => !type.startsWith('SHARD_')))
  expect(types).toEqual(new Set(['MESSAGE_CREATE']))
})

test('options that cannot cross into a thread are named', async () => {
  const options = {
    ...commonOptions(await startEmulator()),
    shards: 1,
    threads: 1,
    identifyQueue: unlimitedIdentifyQueue,
  }
  await expect(makeClusterOf(options)).rejects.toThrow(/option random must be left out/)
  await expect(makeClusterOf({ ...options, threads: 1.5 })).rejects.toThrow(ConfigError)
})

async function makeClusterOf(options: ClusterOptions): Promise<unknown> {
  const { Cluster } = await import('../../../src/index.ts')
  return Cluster.create(options)
}
