import { expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import { InMemoryIdentifyQueue, type IdentifyQueue } from '../../src/index.ts'
import { expectAllOnce, liveShard, makeCluster, makeShard, Reader, say, startEmulator } from './fixture.ts'

const windowMs = 400

/** A queue for an emulator whose window is as long; the slack covers a busy machine. */
function queueOf(maxConcurrency: number, options = {}): InMemoryIdentifyQueue {
  return new InMemoryIdentifyQueue({ windowMs, slackMs: 200, maxConcurrency, ...options })
}

const identified = (emulator: Emulator): readonly number[] =>
  emulator.report().identifies.map(({ shard }) => shard[0])

test('two shards on one lane keep the distance that Discord demands', async () => {
  const emulator = await startEmulator({ identifyWindowMs: windowMs })
  const identifyQueue = queueOf(1)
  const shards = [0, 1].map((id) => makeShard(emulator, { shard: [id, 2], identifyQueue }))
  await Promise.all(shards.map((shard) => shard.start()))
  const [first, second] = emulator.report().identifies
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(windowMs)
  expect(emulator.report().violations).toEqual([])
  // Both had their HELLO, and beat, while the second waited.
  expect(emulator.report().connections).toHaveLength(2)
})

test('without a common queue Discord refuses the second: it waits, and comes up all the same', async () => {
  const emulator = await startEmulator({ identifyWindowMs: windowMs })
  const shards = [0, 1].map((id) => makeShard(emulator, { shard: [id, 2], random: () => 0 }))
  await Promise.all(shards.map((shard) => shard.start()))
  expect(
    emulator
      .report()
      .identifies.map(({ outcome }) => outcome)
      .toSorted(),
  ).toEqual(['identify-spacing', 'ready', 'ready'])
})

test('four shards start two by two, each lane in its own window', async () => {
  const emulator = await startEmulator({ shards: 4, maxConcurrency: 2, identifyWindowMs: windowMs })
  const cluster = await makeCluster(emulator, { shards: 4, identifyQueue: queueOf(2) })
  await cluster.up()
  const { identifies, violations } = emulator.report()
  expect(violations).toEqual([])
  expect(identifies.map(({ outcome }) => outcome)).toEqual(['ready', 'ready', 'ready', 'ready'])
  expect(new Set(identifies.slice(0, 2).map(({ shard }) => shard[0]))).toEqual(new Set([0, 1]))
  expect(new Set(identifies.slice(2).map(({ shard }) => shard[0]))).toEqual(new Set([2, 3]))
})

test('resumes take no place in the queue', async () => {
  const emulator = await startEmulator({ identifyWindowMs: 60_000 })
  const { shard, reader } = await liveShard(emulator, { identifyQueue: queueOf(1, { windowMs: 60_000 }) })
  for (let round = 1; round <= 3; round += 1) {
    emulator.all.drop()
    await reader.has('SHARD_CONNECTED', round + 1)
  }
  expect(shard.info().stats).toMatchObject({ identifies: 1, resumes: 3 })
  await expectAllOnce(emulator, reader)
})

test('a shard that loses its connection in the queue gives its place back, and identifies once', async () => {
  const emulator = await startEmulator({ identifyWindowMs: windowMs })
  const identifyQueue = queueOf(1)
  const permit = await identifyQueue.acquire(7, new AbortController().signal)
  const shard = makeShard(emulator, { identifyQueue })
  const reader = new Reader(shard)
  const started = shard.start()
  for (let round = 1; round <= 3; round += 1) {
    await expect.poll(() => identifyQueue.waiting).toBe(1)
    expect(shard.info().phase).toBe('queued')
    emulator.all.drop()
    await reader.has('SHARD_DISCONNECTED', round)
    expect(shard.info().phase).not.toBe('queued')
  }
  await expect.poll(() => identifyQueue.waiting).toBe(1)
  permit.release()
  await started
  expect(identified(emulator)).toEqual([0])
  expect([identifyQueue.waiting, identifyQueue.total - identifyQueue.remaining]).toEqual([0, 1])
})

test('a shard that is stopped in the queue leaves it', async () => {
  const emulator = await startEmulator()
  const identifyQueue = queueOf(1)
  const permit = await identifyQueue.acquire(7, new AbortController().signal)
  const shard = makeShard(emulator, { identifyQueue })
  const started = shard.start()
  await expect.poll(() => identifyQueue.waiting).toBe(1)
  await Promise.all([shard.down(), expect(started).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })])
  expect(identifyQueue.waiting).toBe(0)
  permit.release()
  expect(identified(emulator)).toEqual([])
})

test('a permit that is granted in the moment of the disconnect goes back', async () => {
  const emulator = await startEmulator()
  const granted = Promise.withResolvers<void>()
  let released = 0
  const identifyQueue: IdentifyQueue = {
    acquire: async () => {
      await granted.promise
      return { spend: () => undefined, release: () => (released += 1) }
    },
  }
  const shard = makeShard(emulator, { identifyQueue })
  const reader = new Reader(shard)
  void shard.start()
  await expect.poll(() => shard.info().phase).toBe('queued')
  emulator.all.drop()
  await reader.has('SHARD_DISCONNECTED')
  granted.resolve()
  await reader.has('SHARD_CONNECTED')
  expect(released).toBe(1)
  expect(identified(emulator)).toEqual([0])
})

test('a queue that fails is asked again, whether it throws or rejects', async () => {
  const emulator = await startEmulator()
  let calls = 0
  const identifyQueue: IdentifyQueue = {
    acquire: () => {
      calls += 1
      if (calls === 1) throw new Error('thrown')
      if (calls === 2) return Promise.reject(new Error('rejected'))
      return Promise.resolve({ spend: () => undefined, release: () => undefined })
    },
  }
  // 500 ms and 1 s between the attempts.
  const { shard, reader } = await liveShard(emulator, { identifyQueue, random: () => 0 })
  expect(calls).toBe(3)
  expect(shard.info().stats).toMatchObject({ queueFailures: 2, connects: 1, identifies: 1 })
  await expectAllOnce(emulator, reader)
})

test('a daily budget that is used up is never overdrawn', async () => {
  const emulator = await startEmulator({ sessionStartLimit: { total: 1 } })
  const identifyQueue = queueOf(1, { windowMs: 0, slackMs: 0, total: 1 })
  const { shard, reader } = await liveShard(emulator, { identifyQueue })
  emulator.all.close(4009)
  await expect.poll(() => shard.info().phase).toBe('queued')
  await expect.poll(() => identifyQueue.waiting).toBe(1)
  say(emulator, 'nobody hears it')
  expect(identifyQueue.remaining).toBe(0)
  expect(identified(emulator)).toEqual([0])
  expect(reader.count('READY')).toBe(1)
  expect(emulator.report().violations).toEqual([])
})
