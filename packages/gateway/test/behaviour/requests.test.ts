import { ChannelType } from 'discord-api-types/v10'
import { describe, expect, test, vi } from 'vitest'

import {
  Intents,
  intentNames,
  intentsOf,
  shardIdOf,
  type ClusterOptions,
  type MemberChunk,
  type PresenceUpdate,
} from '../../src/index.ts'
import { makeCluster, Reader, startEmulator } from './fixture.ts'

const world = { guilds: 4, membersPerGuild: 2_500, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 }

async function collect(chunks: AsyncIterable<MemberChunk>): Promise<MemberChunk[]> {
  const all: MemberChunk[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

describe.each<[string, Partial<ClusterOptions>]>([
  ['in this thread', {}],
  ['in threads', { threads: 2, random: undefined }],
])('%s', (_where, mode) => {
  const eventTypes = ['MESSAGE_CREATE']

  async function liveCluster(options: Partial<ClusterOptions> = {}) {
    const emulator = await startEmulator({ shards: 2, world })
    const cluster = await makeCluster(emulator, { ...mode, shards: 2, eventTypes, ...options })
    const reader = new Reader(cluster)
    await cluster.up()
    const [guildId = '', otherId = ''] = emulator.world.guildIds
    return { emulator, cluster, reader, guildId, otherId }
  }

  test('all members of a guild come in chunks, though the stream filters them out', async () => {
    const { cluster, guildId, reader, emulator } = await liveCluster()
    const chunks = await collect(cluster.requestGuildMembers({ guildId }))
    const ids = new Set(chunks.flatMap(({ members }) => members.map(({ user }) => user.id)))
    expect(ids.size).toBe(emulator.world.members(guildId).length)
    expect(chunks.map(({ chunk_index: index }) => index)).toEqual(chunks.map((_, index) => index))
    expect(reader.events.filter(({ type }) => type === 'GUILD_MEMBERS_CHUNK')).toEqual([])
  })

  test('a connection that drops between the chunks does not lose any', async () => {
    const { cluster, guildId, emulator } = await liveCluster()
    const chunks = cluster.requestGuildMembers({ guildId })
    const { value: first } = await chunks.next()
    emulator.all.drop()
    const rest = await collect(chunks)
    const indexes = [first, ...rest].map((chunk) => chunk?.chunk_index)
    expect(indexes).toEqual(Array.from({ length: first?.chunk_count ?? 0 }, (_, index) => index))
  })

  test('in a new session the request is made again', async () => {
    const { cluster, guildId, emulator } = await liveCluster()
    const shard = cluster.shardOf(guildId)
    emulator.shard(shard.id).freeze()
    const chunks = collect(cluster.requestGuildMembers({ guildId, query: 'a', limit: 5 }))
    emulator.shard(shard.id).drop()
    emulator.shard(shard.id).expireSession()
    expect(await chunks).toHaveLength(1)
    expect(emulator.report().identifies).toHaveLength(3)
  })

  test('a second full list within 30 s waits, or is rejected, as the caller likes', async () => {
    const { cluster, guildId } = await liveCluster()
    await collect(cluster.requestGuildMembers({ guildId }))
    const refused = collect(cluster.requestGuildMembers({ guildId }, { onRateLimited: 'reject' }))
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
    const patient = cluster.requestGuildMembers(
      { guildId },
      { signal: AbortSignal.timeout(300), timeoutMs: 100 },
    )
    // Far beyond its deadline of 100 ms it still waits for Discord's word, until it is aborted.
    await expect(patient.next()).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('silence ends with an error, never with a hang', async () => {
    const { cluster, emulator } = await liveCluster()
    const foreign = String(BigInt(emulator.world.guildIds[0] ?? '0') + (1n << 22n) * 1_000n)
    const chunks = cluster.requestGuildMembers({ guildId: foreign, query: 'a' }, { timeoutMs: 150 })
    await expect(chunks.next()).rejects.toMatchObject({ code: 'TIMEOUT_REPLY' })
    expect(await chunks.next()).toEqual({ done: true, value: undefined })
  })

  test('a request ends when the cluster stops', async () => {
    const { cluster, emulator, guildId } = await liveCluster()
    emulator.all.freeze()
    const chunks = collect(cluster.requestGuildMembers({ guildId }))
    chunks.catch(() => undefined)
    emulator.all.drop()
    await cluster.down()
    await expect(chunks).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
  })

  test('sounds of guilds of several shards, and channel info', async () => {
    const { cluster, emulator } = await liveCluster()
    const { guildIds } = emulator.world
    const seen: string[] = []
    for await (const { guild_id: id } of cluster.requestSoundboardSounds(guildIds)) seen.push(id)
    expect(seen.toSorted()).toEqual([...guildIds].toSorted())
    const info = await cluster.requestChannelInfo(guildIds[1] ?? '', ['status'])
    expect(info.guild_id).toBe(guildIds[1])
  })

  test('joining voice brings the pair of events; a silent answer ends with an error', async () => {
    const { cluster, emulator, guildId } = await liveCluster()
    const channel = emulator.world.channels(guildId).find(({ type }) => type === ChannelType.GuildVoice)
    const channelId = channel?.id ?? ''
    const { state, server } = await cluster.joinVoice({ guildId, channelId })
    expect(state).toMatchObject({ channel_id: channelId, user_id: emulator.world.user.id })
    expect(server).toMatchObject({ guild_id: guildId, endpoint: expect.any(String) })
    emulator.all.voice('silent')
    const silent = cluster.joinVoice({ guildId, channelId }, { timeoutMs: 150 })
    await expect(silent).rejects.toMatchObject({ code: 'TIMEOUT_REPLY' })
    await cluster.updateVoiceState({ guildId, channelId: null })
  })

  test('a presence is sent to all shards, and again with new sessions', async () => {
    const { cluster, emulator } = await liveCluster()
    const presence: PresenceUpdate = { since: null, activities: [], status: 'idle', afk: false }
    await cluster.updatePresence((id) => ({ ...presence, status: id === 0 ? 'dnd' : 'idle' }))
    await emulator.until(() => emulator.report().frames.filter(({ op }) => op === 3).length === 2)
    emulator.shard(0).close(4009)
    await emulator.until(() => emulator.report().identifies.length === 3)
    const identify = emulator.report().frames.findLast(({ op }) => op === 2)
    expect(identify?.data).toMatchObject({ presence: { status: 'dnd' } })
  })
})

test('a handler that asks for members in the midst of a flood gets them: reading goes on for the reply', async () => {
  const emulator = await startEmulator({ shards: 1, world })
  const cluster = await makeCluster(emulator, { shards: 1, highWaterMark: 10 })
  const [guildId = ''] = emulator.world.guildIds
  void cluster.up()
  for await (const event of cluster) {
    if (event.type !== 'READY') continue
    for (let index = 0; index < 500; index += 1)
      emulator.dispatch('MESSAGE_CREATE', { guild_id: guildId, content: 'x' })
    // All of these lie between the handler and its reply.
    const chunks = await collect(cluster.requestGuildMembers({ guildId, query: 'a', limit: 3 }))
    expect(chunks).toHaveLength(1)
    break
  }
})

test('chunks that nobody takes stop the reading, and it goes on when they are taken', async () => {
  const big = { ...world, guilds: 1, membersPerGuild: 30_000 }
  const emulator = await startEmulator({ shards: 1, world: big })
  const cluster = await makeCluster(emulator, { shards: 1, compression: 'none' })
  const reader = new Reader(cluster)
  await cluster.up()
  const [guildId = ''] = emulator.world.guildIds
  const chunks = cluster.requestGuildMembers({ guildId })
  const { value: first } = await chunks.next()
  await vi.waitUntil(() => reader.of('GUILD_MEMBERS_CHUNK').length >= 9, { timeout: 10_000 })
  const rest = await collect(chunks)
  expect(rest.length + 1).toBe(first?.chunk_count)
})

test('what Discord would leave unanswered is refused at the call', async () => {
  const emulator = await startEmulator({ shards: 1 })
  const cluster = await makeCluster(emulator, { shards: 1, intents: Intents.Guilds })
  const [guildId = ''] = emulator.world.guildIds
  expect(() => cluster.requestGuildMembers({ guildId })).toThrow(/need Intents.GuildMembers/)
  expect(() => cluster.requestGuildMembers({ guildId, query: 'a', limit: 101 })).toThrow(
    /limit must be 1 to 100/,
  )
  expect(() => cluster.requestGuildMembers({ guildId, userIds: [] })).toThrow(/1 to 100 ids, got 0/)
  expect(() => cluster.requestGuildMembers({ guildId, userIds: ['1'], query: '' })).toThrow(/not both/)
  expect(() => cluster.requestGuildMembers({ guildId: 'x' })).toThrow(/option guildId/)
  await expect(cluster.joinVoice({ guildId, channelId: '1' })).rejects.toThrow(/GuildVoiceStates/)
})

test('shard ids and intents', () => {
  expect(shardIdOf('613425648685547541', 16)).toBe(Number((613425648685547541n >> 22n) % 16n))
  expect(() => shardIdOf('abc', 16)).toThrow(/snowflake/)
  expect(() => shardIdOf('1', 0)).toThrow(/shardCount/)
  expect(intentsOf(['Guilds', 'GuildMessages'])).toBe(Intents.Guilds | Intents.GuildMessages)
  expect(intentNames(Intents.Guilds | Intents.MessageContent)).toEqual(['Guilds', 'MessageContent'])
  expect(() => intentsOf(['Guildz' as 'Guilds'])).toThrow(/"Guildz"/)
})
