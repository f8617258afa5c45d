import { describe, expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import type { Cluster, GatewayEvent } from '../../src/index.ts'
import { eventually } from '../support/eventually.ts'
import { expectAllOnce, makeCluster, Reader, startEmulator } from './fixture.ts'

const total = 4

/** Two processes of one bot: the first runs the shards 0 to 2, the second shard 3. */
async function startPair(emulator: Emulator) {
  const first = await makeCluster(emulator, { shards: { from: 0, to: 2, total } })
  const second = await makeCluster(emulator, { shards: { from: 3, to: 3, total } })
  return { first, second }
}

/** Numbered events for each shard. */
function dispatch(emulator: Emulator, count: number): void {
  for (let index = 0; index < count; index += 1) {
    for (let shard = 0; shard < total; shard += 1) emulator.dispatch('EVENT', { index }, { shard })
  }
}

/** Waits until every dispatch came to one of the readers, and checks that each came once, in order over both of them. */
async function expectAllOnceInTurn(emulator: Emulator, ...readers: readonly Reader[]): Promise<void> {
  for (const { sessionId, lastSequence } of emulator.report().sessions) {
    const sequences = (): number[] => readers.flatMap((reader) => reader.sequences(sessionId))
    await eventually(() => expect(sequences()).toContain(lastSequence))
    expect(sequences()).toEqual(Array.from({ length: lastSequence }, (_, index) => index + 1))
  }
}

const idsOf = (cluster: Cluster): number[] => cluster.info().map(({ id }) => id)

const typesOf = (events: readonly GatewayEvent[], id: number): string[] =>
  events.filter(({ shardId }) => shardId === id).map(({ type }) => type)

const state = expect.objectContaining({ code: 'SHARD_STATE' })

describe('a shard moves to another process', () => {
  test('with its session: nothing is missed, nothing comes twice, nothing identifies', async () => {
    const emulator = await startEmulator()
    const { first, second } = await startPair(emulator)
    const readers = [new Reader(first), new Reader(second)] as const
    await Promise.all([first.up(), second.up()])
    dispatch(emulator, 5)
    await expectAllOnceInTurn(emulator, ...readers)
    // These are on their way.
    dispatch(emulator, 20)
    const session = await first.removeShard(1)
    expect(session).toMatchObject({ shardId: 1, shardCount: total })
    dispatch(emulator, 5)
    await second.addShard(1, session)
    dispatch(emulator, 5)
    await expectAllOnceInTurn(emulator, ...readers)

    expect([idsOf(first), idsOf(second)]).toEqual([
      [0, 2],
      [1, 3],
    ])
    expect(second.info()).toMatchObject([{ id: 1, phase: 'live', sessionId: session?.sessionId }, { id: 3 }])
    expect(typesOf(readers[1].events, 1)).not.toContain('READY')
    const { identifies, resumes, violations } = emulator.report()
    expect([identifies.length, resumes, violations]).toMatchObject([total, [{ outcome: 'resumed' }], []])
  })

  test('that nobody reads: what waits there comes here', async () => {
    const emulator = await startEmulator()
    const { first, second } = await startPair(emulator)
    const reader = new Reader(second)
    await Promise.all([first.up(), second.up()])
    dispatch(emulator, 50)
    const handled: GatewayEvent[] = []
    for await (const event of first) {
      handled.push(event)
      if (typesOf(handled, 0).includes('EVENT')) break
    }
    await eventually(() => expect(first.shard(0).info().sequence).toBeGreaterThan(50))
    const session = await first.removeShard(0)
    await second.addShard(0, session)
    // The event in the consumer's hands was not acknowledged.
    const { sessionId = '', sequence: acknowledged = 0 } = session ?? {}
    const before = handled.filter((event) => event.sessionId === sessionId).map(({ sequence }) => sequence)
    expect(before).toEqual(Array.from({ length: acknowledged + 1 }, (_, index) => index + 1))
    const last = emulator.report().sessions.find((one) => one.sessionId === sessionId)?.lastSequence ?? 0
    await reader.until(() => reader.sequences(sessionId).includes(last))
    expect(reader.sequences(sessionId)).toEqual(
      Array.from({ length: last - acknowledged }, (_, index) => acknowledged + index + 1),
    )
  })
})

describe('a cluster that is up', () => {
  test('takes one more shard, which begins a session of its own, and commands reach it', async () => {
    const emulator = await startEmulator()
    const { first } = await startPair(emulator)
    const reader = new Reader(first)
    await first.up()
    await first.removeShard(2)
    expect(() => first.command(2, { op: 31, d: { guild_ids: [] } })).toThrow('it runs 2 from 0 to 1 of 4')
    await first.addShard(2)
    const frame = emulator.waitFor('frame', ({ op, shard }) => op === 31 && shard === 2)
    await first.command(2, { op: 31, d: { guild_ids: [] } })
    await frame
    expect(typesOf(reader.events, 2).filter((type) => type === 'READY')).toHaveLength(2)
    expect(idsOf(first)).toEqual([0, 1, 2])
  })

  test('goes on without shards until it is stopped', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: { from: 0, to: 0, total } })
    const reader = new Reader(cluster)
    await cluster.up()
    await reader.has('READY')
    const session = await cluster.removeShard(0)
    expect(cluster.info()).toEqual([])
    expect(() => cluster.shard(0)).toThrow('this cluster runs no shard 0; it runs none')
    await cluster.addShard(0, session)
    dispatch(emulator, 1)
    await expectAllOnce(emulator, reader)
    await cluster.removeShard(0)
    await cluster.down()
    expect(await reader.ended).toBeUndefined()
    expect(await cluster.closed).toMatchObject({ code: 'CLOSED_LOCALLY' })
  })

  test('does not resume a session again with which it was made', async () => {
    const emulator = await startEmulator()
    const shards = { from: 0, to: 0, total }
    const first = await makeCluster(emulator, { shards })
    const { ended } = new Reader(first)
    await first.up()
    await eventually(() => expect(first.shard(0).session).toBeDefined())
    const sessions = await first.downResumable()
    await ended
    const second = await makeCluster(emulator, { shards, sessions })
    const reader = new Reader(second)
    await second.up()
    await second.removeShard(0)
    await second.addShard(0)
    await reader.has('READY')
    expect(emulator.report()).toMatchObject({ identifies: { length: 2 }, resumes: { length: 1 } })
  })

  test('refuses what cannot be', async () => {
    const emulator = await startEmulator()
    const cluster = await makeCluster(emulator, { shards: { from: 0, to: 1, total } })
    expect(() => cluster.addShard(2)).toThrow(state)
    await cluster.up()
    const invalid = expect.objectContaining({ code: 'CONFIG_INVALID' })
    expect(() => cluster.addShard(1)).toThrow(invalid)
    expect(() => cluster.addShard(total)).toThrow(invalid)
    const session = { sessionId: 'f'.repeat(32), sequence: 1, shardId: 0, shardCount: total }
    expect(() => cluster.addShard(2, session)).toThrow(invalid)
    expect(() => cluster.removeShard(2)).toThrow(expect.objectContaining({ code: 'SHARD_UNKNOWN' }))
    const removed = cluster.removeShard(1)
    expect(() => cluster.addShard(1)).toThrow(state)
    await removed
    await cluster.addShard(1)
    const resharding = cluster.reshard({ from: 0, to: 1, total: 2 })
    expect(() => cluster.addShard(2)).toThrow(state)
    expect(() => cluster.removeShard(0)).toThrow(state)
    await cluster.down()
    await expect(resharding).rejects.toMatchObject({ code: 'ABORTED' })
    expect(() => cluster.addShard(2)).toThrow(state)
    expect(idsOf(cluster)).toEqual([0, 1])
  })
})
