import { describe, expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import type { Shard } from '../../src/index.ts'
import {
  expectAllOnce,
  isThreaded,
  liveShard,
  makeCluster,
  makeShard,
  Reader,
  say,
  startEmulator,
} from './fixture.ts'

const heartbeatIntervalMs = 300
const highWaterMark = 50
/**
 * What one read from the kernel may bring above the mark: 64 KiB, and what ws holds of the read before. With threads there
 * are two marks, and four batches between them.
 */
const overshoot = isThreaded ? 800 : 150

/** Many times what may wait: 6 MB. */
function flood(emulator: Emulator): string[] {
  const contents = Array.from({ length: 4_000 }, (_, index) => `${index} ${'x'.repeat(1_500)}`)
  say(emulator, ...contents)
  return contents
}

async function stuckShard(emulator: Emulator): Promise<Shard> {
  const shard = makeShard(emulator, { compression: 'none', highWaterMark })
  await shard.start()
  return shard
}

async function startBeatingEmulator(): Promise<Emulator> {
  return startEmulator({ heartbeatIntervalMs, heartbeatGrace: 100, replayCap: 10_000 })
}

describe('while nobody reads the events', () => {
  test('reading stops, memory is bounded, heartbeats go on, nobody takes it for death, nothing is lost', async () => {
    const emulator = await startBeatingEmulator()
    const shard = await stuckShard(emulator)
    const contents = flood(emulator)
    await expect.poll(() => shard.info().buffer.isPaused).toBe(true)
    // ACKs lie unread behind the flood for longer than any zombie would be given.
    for (let beat = 0; beat < 7; beat += 1) await emulator.waitFor('heartbeat')
    const { buffer, phase, stats } = shard.info()
    expect(buffer.isPaused).toBe(true)
    expect(buffer.events).toBeLessThan(highWaterMark + overshoot)
    expect([phase, stats.connects]).toEqual(['live', 1])

    const reader = new Reader(shard)
    await reader.has('MESSAGE_CREATE', contents.length)
    expect(reader.contents).toEqual(contents)
    await expectAllOnce(emulator, reader)
    await expect.poll(() => shard.info().buffer.isPaused).toBe(false)
    expect(shard.info().stats.connects).toBe(1)
    expect(emulator.report().violations).toEqual([])
  })

  test('a connection that breaks is resumed, and still nothing is lost', async () => {
    const emulator = await startBeatingEmulator()
    const shard = await stuckShard(emulator)
    const contents = flood(emulator)
    await expect.poll(() => shard.info().buffer.isPaused).toBe(true)
    const resumed = emulator.waitFor('resume')
    // Paused sockets do not see the end of their connection until they write.
    emulator.all.reset()
    expect((await resumed).outcome).toBe('resumed')
    for (let beat = 0; beat < 3; beat += 1) await emulator.waitFor('heartbeat')
    await expect.poll(() => shard.info().stats.connects).toBe(2)
    expect(shard.info().buffer.events).toBeLessThan(2 * highWaterMark + overshoot)

    const reader = new Reader(shard)
    await reader.has('MESSAGE_CREATE', contents.length)
    expect(reader.contents).toEqual(contents)
    await expectAllOnce(emulator, reader)
    expect(emulator.report().identifies).toHaveLength(1)
  })

  test('connections that come and go leave a bounded number of life-cycle events', async () => {
    const emulator = await startEmulator()
    const shard = await stuckShard(emulator)
    for (let round = 0; round < 40; round += 1) {
      const connection = emulator.waitFor('resume')
      emulator.all.drop()
      await connection
    }
    await expect.poll(() => shard.info().stats.resumes).toBe(40)
    expect(shard.info().buffer.events).toBeLessThanOrEqual(2 * highWaterMark + overshoot)
    const reader = new Reader(shard)
    await expectAllOnce(emulator, reader)
  })

  test('bytes are bounded over all shards of a cluster', async () => {
    const emulator = await startEmulator({ replayCap: 10_000 })
    const highWaterBytes = 1_000_000
    const cluster = await makeCluster(emulator, { shards: 2, compression: 'none', highWaterBytes })
    await cluster.up()
    const contents = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(300_000)}`)
    say(emulator, ...contents)
    await expect.poll(() => cluster.shard(0).info().buffer.isPaused).toBe(true)
    expect(cluster.shard(0).info().buffer.events).toBeLessThan(isThreaded ? 25 : 15)
    const reader = new Reader(cluster)
    await reader.has('MESSAGE_CREATE', contents.length)
    expect(reader.contents).toEqual(contents)
  })
})

describe('a slow reader', () => {
  test('sets the pace, and gets everything', async () => {
    const emulator = await startBeatingEmulator()
    const { shard, reader: fast } = await liveShard(emulator, { compression: 'none', highWaterMark })
    await fast.has('SHARD_CONNECTED')
    await shard.down()

    const slow = await stuckShard(emulator)
    const contents = Array.from({ length: 3_000 }, (_, index) => `${index} ${'x'.repeat(1_500)}`)
    say(emulator, ...contents)
    const got: string[] = []
    for await (const event of slow) {
      if (event.type !== 'MESSAGE_CREATE') continue
      got.push(event.data.content)
      if (got.length % 100 === 0) await new Promise(setImmediate)
      if (got.length === contents.length) break
    }
    expect(got).toEqual(contents)
    expect(slow.info().buffer.pauses).toBeGreaterThan(0)
  })
})
