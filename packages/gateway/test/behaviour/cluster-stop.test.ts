import { describe, expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import { Cluster, type GatewayEvent, type GatewaySession } from '../../src/index.ts'
import { commonOptions, expectAllOnce, makeCluster, placed, Reader, startEmulator } from './fixture.ts'

const endReasons = (emulator: Emulator): (string | null)[] =>
  emulator.report().sessions.map(({ endReason }) => endReason)

/** Numbered events for each of some shards. */
function dispatch(emulator: Emulator, shards: number, count: number): void {
  for (let index = 0; index < count; index += 1) {
    for (let shard = 0; shard < shards; shard += 1) emulator.dispatch('EVENT', { index }, { shard })
  }
}

/** The sessions of a cluster that was up, with all that came handled. */
async function leftSessions(emulator: Emulator, shards: number): Promise<GatewaySession[]> {
  const cluster = await makeCluster(emulator, { shards })
  const reader = new Reader(cluster)
  await cluster.up()
  await expectAllOnce(emulator, reader)
  const sessions = await cluster.downResumable()
  expect(sessions).toHaveLength(shards)
  return sessions
}

describe('down', () => {
  test('ends every session, and the stream', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 2 })
    const reader = new Reader(cluster)
    await cluster.up()
    await cluster.down()
    expect(await reader.ended).toBeUndefined()
    expect(await cluster.closed).toMatchObject({ code: 'CLOSED_LOCALLY' })
    await emulator.until(() => !endReasons(emulator).includes(null))
    expect(endReasons(emulator)).toEqual(['client closed with 1000', 'client closed with 1000'])
  })

  test('during the start: up rejects, and shards that had not begun never connect', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, {
      shards: 20,
      identifyQueue: { acquire: () => Promise.withResolvers<never>().promise },
    })
    const up = cluster.up()
    await emulator.until(() => emulator.all.connectionCount === 8)
    await Promise.all([cluster.down(), expect(up).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })])
    await emulator.until(() => emulator.all.connectionCount === 0)
    expect(emulator.report().connections).toHaveLength(8)
    expect(new Set(cluster.info().map(({ phase }) => phase))).toEqual(new Set(['stopped']))
  })

  test('before the start, and at the end of a scope', async () => {
    const emulator = await startEmulator()
    {
      await using cluster = await Cluster.create(placed({ ...commonOptions(emulator), shards: 2 }))
      void cluster.up()
      await emulator.until(() => emulator.report().identifies.length === 2)
    }
    await emulator.until(() => emulator.all.connectionCount === 0)
    expect(endReasons(emulator)).toEqual(['client closed with 1000', 'client closed with 1000'])
    const cluster = await makeCluster(emulator, { shards: 2 })
    await cluster.down()
    await expect(cluster.up()).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
    expect(emulator.report().connections).toHaveLength(2)
  })

  test('of each shard by itself is the end of the cluster', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: 2 })
    const reader = new Reader(cluster)
    await cluster.up()
    await cluster.shard(0).down()
    dispatch(emulator, 2, 1)
    await reader.until(() => reader.named('EVENT').length > 0)
    await cluster.shard(1).down()
    expect(await reader.ended).toBeUndefined()
    expect(await cluster.closed).toMatchObject({ code: 'CLOSED_LOCALLY' })
  })
})

/** Reads until so many events of a type have come, and leaves the last of them unacknowledged. */
async function read(cluster: Cluster, type: string, count: number): Promise<GatewayEvent[]> {
  const handled: GatewayEvent[] = []
  for await (const event of cluster) {
    handled.push(event)
    if (handled.filter((one: { readonly type: string }) => one.type === type).length === count) break
  }
  return handled
}

/** Waits until the shards have received more than so many dispatches together. */
async function received(cluster: Cluster, count: number): Promise<void> {
  const sum = (): number => cluster.info().reduce((total, { sequence }) => total + sequence, 0)
  await expect.poll(sum).toBeGreaterThan(count)
}

describe('downResumable hands the sessions over', () => {
  const shards = 2

  /** What a second process gets beyond what the first has handled must be everything, and in order. */
  async function expectHandover(
    emulator: Emulator,
    sessions: GatewaySession[],
    handled: readonly GatewayEvent[],
  ): Promise<void> {
    expect(sessions.map(({ shardId }) => shardId)).toEqual([0, 1])
    dispatch(emulator, shards, 10)
    // As they come back from a file.
    const stored = JSON.parse(JSON.stringify(sessions)) as GatewaySession[]
    const next = await makeCluster(emulator, { shards, sessions: stored })
    const reader = new Reader(next)
    await next.up()
    for (const { sessionId, lastSequence } of emulator.report().sessions) {
      await reader.until(() => (reader.sequences(sessionId).at(-1) ?? 0) >= lastSequence)
      const before = handled.filter((event) => event.sessionId === sessionId).map(({ sequence }) => sequence)
      const first = reader.sequences(sessionId)[0] ?? 0
      // At most the event in the consumer's hands comes twice.
      expect([before.at(-1), (before.at(-1) ?? 0) + 1]).toContain(first)
      const all = [...before.filter((sequence) => sequence < first), ...reader.sequences(sessionId)]
      expect(all).toEqual(all.map((_, index) => index + 1))
      expect(all.length).toBeGreaterThanOrEqual(lastSequence)
    }
    const { identifies, resumes, violations } = emulator.report()
    expect(identifies).toHaveLength(shards)
    expect(resumes.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
    expect(violations).toEqual([])
  }

  test('while a consumer is in the middle of its work', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards })
    await cluster.up()
    dispatch(emulator, shards, 50)
    await received(cluster, 2 * 50)
    const handled = await read(cluster, 'EVENT', 37)
    expect(cluster.info().some(({ buffer }) => buffer.events > 0)).toBe(true)
    await expectHandover(emulator, await cluster.downResumable(), handled)
  })

  test('while a consumer waits for the next event, and events are on their way', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards })
    const reader = new Reader(cluster)
    await cluster.up()
    await expectAllOnce(emulator, reader)
    dispatch(emulator, shards, 50)
    const sessions = await cluster.downResumable()
    expect(await reader.ended).toBeUndefined()
    await expectHandover(emulator, sessions, reader.events)
  })

  test('while nobody reads any more', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards })
    await cluster.up()
    // A third, so that both READYs are acknowledged: without it a session cannot be resumed.
    const handled = await read(cluster, 'GUILD_CREATE', 1)
    expect(handled.filter(({ type }) => type === 'READY')).toHaveLength(2)
    dispatch(emulator, shards, 50)
    await received(cluster, 2 * 50)
    await expectHandover(emulator, await cluster.downResumable(), handled)
  })

  test('but not one whose READY nobody has handled', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards })
    await cluster.up()
    expect(await cluster.downResumable()).toEqual([])
  })

  test('to listeners alone: what they heard counts as handled', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards })
    const heard: GatewayEvent[] = []
    cluster.on('*', (event) => heard.push(event))
    await cluster.up()
    dispatch(emulator, shards, 50)
    await expect.poll(() => heard.length).toBeGreaterThan(60)
    await expectHandover(
      emulator,
      await cluster.downResumable(),
      heard.filter(({ sequence }) => sequence > 0),
    )
  })

  test('also those that it was given and had not resumed yet', async () => {
    const emulator = await startEmulator()
    const sessions = await leftSessions(emulator, shards)
    const second = await makeCluster(emulator, { shards, sessions })
    expect(await second.downResumable()).toEqual(sessions)
  })
})

test('sessions of another shard count are not resumed but replaced', async () => {
  const emulator = await startEmulator()
  const sessions = await leftSessions(emulator, 2)
  const cluster = await makeCluster(emulator, { shards: 3, sessions })
  await cluster.up()
  expect(emulator.report()).toMatchObject({ resumes: [], identifies: { length: 5 } })
})

test('sessions resume first, then the other shards identify', async () => {
  const emulator = await startEmulator()
  const sessions = (await leftSessions(emulator, 4)).filter(({ shardId }) => shardId >= 2)
  const cluster = await makeCluster(emulator, { shards: 4, sessions })
  const order: number[] = []
  cluster.on('SHARD_CONNECTING', ({ shardId }) => order.push(shardId))
  await cluster.up()
  expect(order).toEqual([2, 3, 0, 1])
  expect(cluster.info().map(({ stats }) => stats.identifies)).toEqual([1, 1, 0, 0])
})
