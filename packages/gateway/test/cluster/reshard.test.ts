import { VirtualClock } from 'twilight-emulator'
import { describe, expect, test, vi } from 'vitest'

import type { ClusterOptions } from '../../src/index.ts'
import { makeCluster, Reader, startEmulator } from '../behaviour/fixture.ts'

const world = { guilds: 12, membersPerGuild: 8, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 }
const overlapMs = 300

/** Sends numbered messages to every guild in turn, until it is stopped. */
function chatter(emulator: Awaited<ReturnType<typeof startEmulator>>) {
  const sent: string[] = []
  const timer = setInterval(() => {
    for (let count = 0; count < 3; count += 1) {
      const guildId = emulator.world.guildIds[sent.length % emulator.world.guildIds.length] ?? ''
      const content = `${guildId} ${sent.length}`
      emulator.dispatch('MESSAGE_CREATE', {
        id: String(sent.length),
        channel_id: '1',
        guild_id: guildId,
        content,
      })
      sent.push(content)
    }
  }, 3)
  return { sent, stop: () => clearInterval(timer) }
}

/** The messages of each guild, in the order of their arrival. */
function byGuild(contents: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>()
  for (const content of contents) {
    const [guildId = '', number] = content.split(' ')
    numbers.set(guildId, [...(numbers.get(guildId) ?? []), Number(number)])
  }
  return numbers
}

describe.each<[string, Partial<ClusterOptions>]>([
  ['in this thread', {}],
  ['in threads', { threads: 2, random: undefined }],
])('%s', (_where, mode) => {
  test('every event comes once, in the order of its guild, from the old shards or the new', async () => {
    const emulator = await startEmulator({ shards: 2, world })
    const cluster = await makeCluster(emulator, { ...mode, shards: 2 })
    const reader = new Reader(cluster)
    await cluster.up()
    await reader.has('GUILD_CREATE', world.guilds)
    const { sent, stop } = chatter(emulator)
    await cluster.reshard(5, { overlapMs })
    expect(cluster.shardCount).toBe(5)
    const sentBefore = sent.length
    await reader.until(() => sent.length > sentBefore + 100)
    stop()
    await reader.until(() => reader.contents.length >= sent.length)
    expect(byGuild(reader.contents)).toEqual(byGuild(sent))
    const [switched] = reader.of('SHARDS_REPLACED')
    expect(switched?.data).toEqual({ from: 2, to: 5 })
    const at = reader.events.findIndex(({ type }) => type === 'SHARDS_REPLACED')
    const shardsBehind = new Set(reader.events.slice(at + 1).map(({ shardId }) => shardId))
    expect(Math.max(...shardsBehind)).toBeGreaterThan(1)
    const open = emulator.report().sessions.filter(({ endReason }) => endReason === null)
    expect(open.map(({ shardCount }) => shardCount)).toEqual([5, 5, 5, 5, 5])
    await cluster.down()
    expect(await reader.ended).toBeUndefined()
  })

  test('events that nobody has taken yet are not overtaken by those of the new shards', async () => {
    const emulator = await startEmulator({ shards: 1, world })
    const cluster = await makeCluster(emulator, { ...mode, shards: 1 })
    const iterator = cluster[Symbol.asyncIterator]()
    const up = cluster.up()
    await up
    const { sent, stop } = chatter(emulator)
    const resharding = cluster.reshard(3, { overlapMs })
    await emulator.until(
      () => emulator.report().sessions.filter(({ shardCount }) => shardCount === 3).length === 3,
    )
    await new Promise((resolve) => setTimeout(resolve, 3 * overlapMs))
    stop()
    const contents: string[] = []
    while (contents.length < sent.length) {
      const { value } = await iterator.next()
      if (value?.type === 'MESSAGE_CREATE') contents.push(value.data.content)
    }
    expect(byGuild(contents)).toEqual(byGuild(sent))
    void iterator.next()
    await resharding
  })
})

test('a connection that breaks before the switch only delays it', async () => {
  const emulator = await startEmulator({ shards: 2, world })
  const cluster = await makeCluster(emulator, { shards: 2 })
  const reader = new Reader(cluster)
  await cluster.up()
  const { sent, stop } = chatter(emulator)
  const resharding = cluster.reshard(3, { overlapMs })
  await emulator.until(() => emulator.report().sessions.length === 5)
  emulator.shard(1).drop()
  await resharding
  stop()
  await reader.until(() => reader.contents.length >= sent.length)
  expect(byGuild(reader.contents)).toEqual(byGuild(sent))
})

test('what cannot take over leaves the old shards as they are', async () => {
  const emulator = await startEmulator({ shards: 2, world, shardCountBase: 2 })
  const cluster = await makeCluster(emulator, { shards: 2 })
  const reader = new Reader(cluster)
  await cluster.up()
  await expect(cluster.reshard(3, { overlapMs })).rejects.toMatchObject({ closeCode: 4010 })
  const aborted = cluster.reshard(4, { overlapMs: 60_000, signal: AbortSignal.timeout(200) })
  expect(() => cluster.reshard(4)).toThrow('is resharding')
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
  expect(cluster.shardCount).toBe(2)
  const { sent, stop } = chatter(emulator)
  await reader.until(() => reader.contents.length > 50)
  stop()
  await reader.until(() => reader.contents.length >= sent.length)
  expect(byGuild(reader.contents)).toEqual(byGuild(sent))
})

test('with autoReshard a shard that Discord refuses with 4011 makes the bot grow; without it is fatal', async () => {
  const emulator = await startEmulator({ shards: 3, world, guildsPerShard: 10 })
  const plain = await makeCluster(emulator, { shards: 1 })
  await expect(plain.up()).rejects.toMatchObject({ closeCode: 4011 })

  const cluster = await makeCluster(emulator, { shards: 1, autoReshard: { overlapMs } })
  const reader = new Reader(cluster)
  await cluster.up()
  expect(cluster.shardCount).toBe(3)
  await reader.has('SHARDS_REPLACED')
  emulator.dispatch('MESSAGE_CREATE', { guild_id: emulator.world.guildIds[5], content: 'hello' })
  await reader.has('MESSAGE_CREATE')
})

test('with autoReshard a bot follows what Discord recommends', async () => {
  const emulator = await startEmulator({ shards: 3, world })
  const clock = new VirtualClock()
  const cluster = await makeCluster(emulator, { shards: 1, autoReshard: { intervalMs: 3_600_000 }, clock })
  const reader = new Reader(cluster)
  await cluster.up()
  clock.advance(3_600_000)
  await emulator.until(() => emulator.report().sessions.length === 4)
  await vi.waitFor(() => {
    clock.advance(1_000)
    expect(reader.of('SHARDS_REPLACED')).toHaveLength(1)
  }, 10_000)
  expect(cluster.shardCount).toBe(3)
})
