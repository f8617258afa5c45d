import { describe, expect, test } from 'vitest'
import { shardOfGuild } from 'twilight-emulator'

import { Cluster, FatalCloseError, type ShardScheme } from '../../src/index.ts'
import { expectAllOnce, makeCluster, placed, Reader, say, startEmulator } from './fixture.ts'

describe('a cluster runs', () => {
  test('as many shards as /gateway/bot recommends, where it says, and as fast as it grants', async () => {
    const emulator = await startEmulator({ shards: 3, maxConcurrency: 3, identifyWindowMs: 5_000 })
    const { token, apiUrl } = emulator
    await using cluster = await Cluster.create(placed({ token, apiUrl, intents: 1 }))
    const reader = new Reader(cluster)
    await cluster.up()
    expect(cluster.shardCount).toBe(3)
    expect([...cluster.shards.keys()]).toEqual([0, 1, 2])
    await reader.has('GUILD_CREATE', 3)
    for (const { shardId, data } of reader.of('GUILD_CREATE')) {
      expect(shardId).toBe(shardOfGuild(data.id, 3))
    }
    await expectAllOnce(emulator, reader)
    expect(emulator.report()).toMatchObject({ violations: [], identifies: { length: 3 } })
  })

  test.for<[string, ShardScheme, number[], number]>([
    ['a number', 2, [0, 1], 2],
    ['a range', { from: 2, to: 4, total: 6 }, [2, 3, 4], 6],
    ['the first bucket, which is longer', { bucket: 0, buckets: 2, total: 5 }, [0, 1, 2], 5],
    ['the last bucket', { bucket: 1, buckets: 2, total: 5 }, [3, 4], 5],
  ])('%s', async ([, shards, ids, total]) => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards })
    await cluster.up()
    expect([...cluster.shards.keys()]).toEqual(ids)
    expect(cluster.info().map(({ id, phase }) => [id, phase])).toEqual(ids.map((id) => [id, 'live']))
    expect(
      emulator
        .report()
        .identifies.map(({ shard }) => shard)
        .toSorted(([a], [b]) => a - b),
    ).toEqual(ids.map((id) => [id, total]))
    // Nothing had to be asked.
    expect(emulator.report().violations).toEqual([])
  })

  test('each shard with a presence of its own', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, {
      shards: 3,
      presence: (id) =>
        id === 1 ? undefined : { since: null, activities: [], status: id === 0 ? 'idle' : 'dnd', afk: false },
    })
    await cluster.up()
    const presences = emulator
      .report()
      .frames.filter(({ op }) => op === 2)
      .map(({ data }) => data as { shard: [number, number]; presence?: { status: string } })
      .toSorted((a, b) => a.shard[0] - b.shard[0])
      .map(({ presence }) => presence?.status)
    expect(presences).toEqual(['idle', undefined, 'dnd'])
  })
})

describe('a cluster as one', () => {
  test('its shards take turns in the stream, however busy one of them is', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 2 })
    await cluster.up()
    for (let index = 0; index < 200; index += 1) emulator.dispatch('BUSY', {}, { shard: 0 })
    for (let index = 0; index < 5; index += 1) emulator.dispatch('QUIET', {}, { shard: 1 })
    const all = (id: number): number =>
      emulator.report().sessions.find((one) => one.shardId === id)?.lastSequence ?? 0
    await expect.poll(() => cluster.info().map(({ sequence }) => sequence)).toEqual([all(0), all(1)])
    const reader = new Reader(cluster)
    await expectAllOnce(emulator, reader)
    const lastQuiet = reader.events.findLastIndex((event) => reader.named('QUIET').includes(event))
    // Everything of the quiet shard came within twice as many turns.
    expect(lastQuiet).toBeLessThan(2 * reader.events.filter(({ shardId }) => shardId === 1).length)
  })

  test('all shards are told to reconnect at once: each resumes, and nothing is lost', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 6 })
    const reader = new Reader(cluster)
    await cluster.up()
    emulator.all.reconnect()
    for (let id = 0; id < 6; id += 1) emulator.dispatch('MEANWHILE', {}, { shard: id })
    await reader.has('SHARD_CONNECTED', 12)
    await expectAllOnce(emulator, reader)
    expect(reader.named('MEANWHILE')).toHaveLength(6)
    expect(emulator.report()).toMatchObject({ identifies: { length: 6 }, violations: [] })
  })

  test('snapshots of every shard, at any time', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 2 })
    const phases = (): string[] => cluster.info().map(({ phase }) => phase)
    expect(phases()).toEqual(['idle', 'idle'])
    const up = cluster.up()
    expect(phases()).toEqual(['connecting', 'connecting'])
    await up
    expect(phases()).toEqual(['live', 'live'])
    expect(cluster.info()[1]).toMatchObject({
      id: 1,
      shardCount: 2,
      sequence: expect.any(Number) as number,
      gatewayUrl: emulator.url,
      attempt: 0,
      commands: { queued: 0 },
      stats: { connects: 1, identifies: 1, disconnects: 0 },
    })
    await cluster.down()
    expect(phases()).toEqual(['stopped', 'stopped'])
    expect(cluster.info().map(({ stats }) => stats.disconnects)).toEqual([1, 1])
  })

  test('commands, text and restarts go to the shard that is named', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 2 })
    const reader = new Reader(cluster)
    await cluster.up()
    const frames = [0, 1].map((id) => emulator.waitFor('frame', ({ op, shard }) => op === 31 && shard === id))
    await cluster.command(0, { op: 31, d: { guild_ids: [] } })
    await cluster.send(1, '{"op":31,"d":{"guild_ids":[]}}')
    await Promise.all(frames)
    cluster.restart(1)
    await reader.has('SHARD_CONNECTED', 3)
    expect(cluster.info().map(({ stats }) => stats.connects)).toEqual([1, 2])
  })

  test('shards that it does not run are told by their id', async () => {
    const cluster = await makeCluster(await startEmulator(), { shards: { from: 1, to: 2, total: 4 } })
    const unknown = expect.objectContaining({
      name: 'ConfigError',
      code: 'SHARD_UNKNOWN',
      context: { id: 3 },
    })
    expect(() => cluster.shard(3)).toThrow(unknown)
    expect(() => cluster.command(3, { op: 31, d: { guild_ids: [] } })).toThrow(unknown)
    expect(() => cluster.send(3, '{"op":31}')).toThrow(unknown)
    expect(() => cluster.restart(3)).toThrow(unknown)
    expect(() => cluster.shard(3)).toThrow('it runs 2 from 1 to 2 of 4')
  })

  test('it is up once and read once, and its shards are read through it', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 1 })
    const state = expect.objectContaining({ code: 'SHARD_STATE' })
    void cluster.up()
    expect(() => cluster.up()).toThrow(state)
    const reader = new Reader(cluster)
    expect(() => cluster[Symbol.asyncIterator]()).toThrow(state)
    expect(() => cluster.shard(0)[Symbol.asyncIterator]()).toThrow(state)
    await reader.has('READY')
  })

  test('a listener of one shard hears that shard alone', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 2 })
    const heard: string[] = []
    cluster.shard(1).on('READY', ({ shardId }) => heard.push(`own ${shardId}`))
    cluster.on('READY', ({ shardId }) => heard.push(`all ${shardId}`))
    await cluster.up()
    expect(heard.toSorted()).toEqual(['all 0', 'all 1', 'own 1'])
  })
})

describe('a fatal close of one shard', () => {
  test('ends them all: the stream throws it when all that came was read', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 3 })
    const reader = new Reader(cluster)
    await cluster.up()
    say(emulator, 'last')
    emulator.shard(1).close(4014)
    const error = await reader.ended
    expect(error).toBeInstanceOf(FatalCloseError)
    expect(error).toMatchObject({ closeCode: 4014 })
    expect(reader.contents).toEqual(['last'])
    expect(await cluster.closed).toBe(error)
    expect(cluster.info().map(({ phase }) => phase)).toEqual(['stopped', 'stopped', 'stopped'])
    await emulator.until(() => emulator.report().sessions.every(({ connected }) => !connected))
  })

  test('at the start: up rejects with it', async () => {
    const emulator = await startEmulator({ privilegedIntents: 0 })
    const cluster = await makeCluster(emulator, { shards: 2 })
    await expect(cluster.up()).rejects.toMatchObject({ code: 'CLOSED_FATAL', closeCode: 4014 })
    expect(await cluster.closed).toMatchObject({ closeCode: 4014 })
  })

  test('while others still start: up rejects with it, not with their stop', async () => {
    const emulator = await startEmulator()
    const held = Promise.withResolvers<never>()
    const cluster = await makeCluster(emulator, {
      shards: 2,
      identifyQueue: {
        acquire: (id) =>
          id === 1 ? held.promise : Promise.resolve({ spend: () => undefined, release: () => undefined }),
      },
    })
    const up = cluster.up()
    await expect.poll(() => cluster.info().map(({ phase }) => phase)).toEqual(['live', 'queued'])
    emulator.shard(0).close(4004)
    await expect(up).rejects.toBeInstanceOf(FatalCloseError)
  })
})
