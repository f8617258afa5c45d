import { ChannelType } from 'discord-api-types/v10'
import { expect, test } from 'vitest'

import { Intent } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { rules, startEmulator } from './fixture.ts'
import { everyIntent, ready } from './script-client.ts'

const online = { since: null, activities: [], status: 'online', afk: false }

function firstGuild(emulator: Emulator): string {
  return emulator.world.guildIds[0] ?? ''
}

/** A channel that the bot can view and that has no user limit. */
function openChannel(emulator: Emulator, guildId: string, wanted = ChannelType.GuildVoice): string {
  const channel = emulator.world.channels(guildId).find(({ id, type, ...rest }) => {
    const limit = 'user_limit' in rest ? rest.user_limit : 0
    return type === wanted && limit === 0 && !emulator.world.hiddenChannelIds.has(id)
  })
  return channel?.id ?? ''
}

test('E30: the sixth presence within 20 s is dropped, and the socket stays', async () => {
  const { emulator, clock } = await startEmulator({
    bots: [{ world: { guilds: 1 } }, { world: { guilds: 1 } }],
  })
  const client = await ready(emulator)
  const watcher = await ready(emulator, { token: emulator.bots[1]?.token })
  for (let count = 0; count < 6; count++) client.send(3, online)
  await client.settle()
  await watcher.settle()
  expect(watcher.names().filter((name) => name === 'PRESENCE_UPDATE')).toHaveLength(5)
  expect(rules(emulator)).toEqual(['presence-rate'])
  clock.advance(20_000)
  client.send(3, online)
  await client.settle()
  expect(rules(emulator)).toHaveLength(1)
})

test('E30: a switch closes with 4008 instead', async () => {
  const { emulator } = await startEmulator({ switches: { presenceExcess: 'close-4008' } })
  const client = await ready(emulator)
  for (let count = 0; count < 6; count++) client.send(3, online)
  expect((await client.closed).code).toBe(4008)
  expect(rules(emulator)).toEqual(['presence-rate'])
})

test('E32: identify takes a presence with null activities or without since, as eris and oceanic.js send it', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { presence: { activities: null, status: 'online' } })
  await client.settle()
  expect(rules(emulator)).toEqual([])
})

test('E32: the presence of an identify reaches other bots too', async () => {
  const { emulator } = await startEmulator({ bots: [{ world: { guilds: 1 } }, { world: { guilds: 1 } }] })
  const watcher = await ready(emulator, { token: emulator.bots[1]?.token })
  await ready(emulator, { presence: { ...online, status: 'invisible' } })
  const { d } = await watcher.next('PRESENCE_UPDATE')
  expect(d).toMatchObject({ user: { id: emulator.world.user.id }, status: 'offline' })
})

test('E32: a presence is not echoed, but reaches other bots of the guild that have the intent', async () => {
  const { emulator } = await startEmulator({ bots: [{ world: { guilds: 1 } }, { world: { guilds: 1 } }] })
  const client = await ready(emulator)
  const watcher = await ready(emulator, { token: emulator.bots[1]?.token })
  client.send(3, { ...online, status: 'idle' })
  const { d } = await watcher.next('PRESENCE_UPDATE')
  expect(d).toMatchObject({
    user: { id: emulator.world.user.id },
    status: 'idle',
    guild_id: firstGuild(emulator),
  })
  await client.settle()
  expect(client.names()).not.toContain('PRESENCE_UPDATE')
})

test('E31: the full list comes in chunks of at most 1000', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 1, membersPerGuild: 2100 } })
  const client = await ready(emulator)
  const guildId = firstGuild(emulator)
  const total = emulator.world.members(guildId).length
  client.send(8, { guild_id: guildId, query: '', limit: 0, nonce: 'n' })
  await client.settle()
  const chunks = client.received.filter(({ t }) => t === 'GUILD_MEMBERS_CHUNK').map(({ d }) => d)
  expect(chunks.map((chunk) => [chunk.chunk_index, chunk.chunk_count, chunk.nonce])).toEqual([
    [0, 3, 'n'],
    [1, 3, 'n'],
    [2, 3, 'n'],
  ])
  expect(chunks[0]?.members).toHaveLength(1000)
  expect(chunks.flatMap(({ members }) => members)).toHaveLength(total)
  expect(chunks[0]).not.toHaveProperty('not_found')
  expect(chunks[0]).not.toHaveProperty('presences')
})

test('E31: a second full list of a guild within 30 s is RATE_LIMITED, a prefix or ids are not', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator)
  const [guildId = '', otherId = ''] = emulator.world.guildIds
  client.send(8, { guild_id: guildId, query: '', limit: 0 })
  await client.next('GUILD_MEMBERS_CHUNK')
  clock.advance(500.5)
  client.send(8, { guild_id: guildId, query: '', limit: 0, nonce: 'again' })
  expect((await client.next('RATE_LIMITED')).d).toEqual({
    opcode: 8,
    retry_after: 29.5,
    meta: { guild_id: guildId, nonce: 'again' },
  })
  client.send(8, { guild_id: otherId, query: '', limit: 0 })
  await client.next('GUILD_MEMBERS_CHUNK')
  client.send(8, { guild_id: guildId, query: '', limit: 5 })
  await client.next('GUILD_MEMBERS_CHUNK')
  clock.advance(29_500)
  client.send(8, { guild_id: guildId, query: '', limit: 0 })
  await client.next('GUILD_MEMBERS_CHUNK')
  expect(rules(emulator)).toEqual(['member-list-rate'])
})

test.each([
  ['bot', 'RATE_LIMITED'],
  ['session', 'GUILD_MEMBERS_CHUNK'],
] as const)('E31: with the limit per %s, the full list on another session gets %s', async (scope, answer) => {
  const { emulator } = await startEmulator({ identifyWindowMs: 0, switches: { memberListScope: scope } })
  const one = await ready(emulator)
  const two = await ready(emulator)
  for (const client of [one, two]) client.send(8, { guild_id: firstGuild(emulator), query: '', limit: 0 })
  await one.next('GUILD_MEMBERS_CHUNK')
  expect((await two.next(answer)).t).toBe(answer)
})

test('E31: at most 100 user ids are looked up, and a query beside them is malformed', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 1, membersPerGuild: 150 } })
  const client = await ready(emulator)
  const guildId = firstGuild(emulator)
  const ids = emulator.world.members(guildId).map(({ user }) => user.id)
  client.send(8, { guild_id: guildId, user_ids: ids })
  const { d } = await client.next('GUILD_MEMBERS_CHUNK')
  expect([d.members.length, d.not_found]).toEqual([100, []])
  client.send(8, { guild_id: guildId, user_ids: ids, query: 'a', limit: 1 })
  expect((await client.closed).code).toBe(4001)
})

test('E31: silence for a full list without GUILD_MEMBERS and for a foreign guild', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: Intent.GuildMessages })
  client.send(8, { guild_id: firstGuild(emulator), query: '', limit: 0 })
  client.send(8, { guild_id: '123', query: 'a', limit: 1 })
  await client.settle()
  expect(client.names()).toEqual([10, 'READY', 11])
})

test('E31: ids that are not members come back in not_found, no match is one empty chunk', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const guildId = firstGuild(emulator)
  client.send(8, { guild_id: guildId, user_ids: [emulator.world.user.id, '42'] })
  const { d: some } = await client.next('GUILD_MEMBERS_CHUNK')
  expect(some.members).toHaveLength(1)
  expect(some.not_found).toEqual(['42'])
  client.send(8, { guild_id: guildId, user_ids: emulator.world.user.id })
  expect((await client.next('GUILD_MEMBERS_CHUNK')).d.not_found).toEqual([])
  client.send(8, { guild_id: guildId, query: 'no such name', limit: 10 })
  const { d: none } = await client.next('GUILD_MEMBERS_CHUNK')
  expect(none).toMatchObject({ members: [], chunk_index: 0, chunk_count: 1 })
})

test('E31: a prefix finds members, at most 100 of them, and an array of guilds is cut to the first', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 2, membersPerGuild: 300 } })
  const client = await ready(emulator)
  const [guildId = '', other = ''] = emulator.world.guildIds
  client.send(8, { guild_id: [guildId, other], query: '', limit: 300 })
  const { d } = await client.next('GUILD_MEMBERS_CHUNK')
  expect(d.guild_id).toBe(guildId)
  expect(d.members).toHaveLength(100)
  const name: string = d.members[1].user.username
  client.send(8, { guild_id: guildId, query: name.slice(0, 3).toUpperCase(), limit: 100 })
  const { d: found } = await client.next('GUILD_MEMBERS_CHUNK')
  expect(found.members.map(({ user }: { user: { id: string } }) => user.id)).toContain(d.members[1].user.id)
})

test('E31: presences need the intent, and a nonce above 32 bytes is ignored', async () => {
  const { emulator, clock } = await startEmulator()
  const guildId = firstGuild(emulator)
  const seeing = await ready(emulator)
  seeing.send(8, { guild_id: guildId, query: '', limit: 10, presences: true, nonce: 'é'.repeat(17) })
  const { d } = await seeing.next('GUILD_MEMBERS_CHUNK')
  expect(d).not.toHaveProperty('nonce')
  expect(Array.isArray(d.presences)).toBe(true)
  clock.advance(5000)
  const blind = await ready(emulator, { intents: everyIntent & ~Intent.GuildPresences })
  blind.send(8, { guild_id: guildId, query: '', limit: 10, presences: true, nonce: 'é'.repeat(16) })
  const { d: plain } = await blind.next('GUILD_MEMBERS_CHUNK')
  expect(plain.nonce).toBe('é'.repeat(16))
  expect(plain).not.toHaveProperty('presences')
})

test('E33: joining brings VOICE_STATE_UPDATE and VOICE_SERVER_UPDATE, leaving only the first', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const guildId = firstGuild(emulator)
  const channelId = openChannel(emulator, guildId)
  client.send(4, { guild_id: guildId, channel_id: channelId, self_mute: true, self_deaf: false })
  const { d: state } = await client.next('VOICE_STATE_UPDATE')
  expect(state).toMatchObject({ channel_id: channelId, user_id: emulator.world.user.id, self_mute: true })
  const { d: server } = await client.next('VOICE_SERVER_UPDATE')
  expect(server.guild_id).toBe(guildId)
  expect(server.endpoint).toMatch(/discord\.media/)
  client.send(4, { guild_id: guildId, channel_id: null, self_mute: false, self_deaf: false })
  expect((await client.next('VOICE_STATE_UPDATE')).d.channel_id).toBeNull()
  await client.settle()
  expect(client.names().filter((name) => name === 'VOICE_SERVER_UPDATE')).toHaveLength(1)
})

test('E33: hidden, unknown, full and text channels get silence; faults give silence or a null endpoint', async () => {
  const { emulator } = await startEmulator({
    world: { guilds: 6, channelsPerGuild: 24, membersPerGuild: 600, rolesPerGuild: 2, emojisPerGuild: 0 },
  })
  const client = await ready(emulator, { intents: Intent.GuildVoiceStates })
  const guildId = firstGuild(emulator)
  const join = (channelId: string, inGuild = guildId): void => {
    client.send(4, { guild_id: inGuild, channel_id: channelId, self_mute: false, self_deaf: false })
  }
  const hidden = emulator.world.channels(guildId).find(({ id, type }) => {
    return type === ChannelType.GuildVoice && emulator.world.hiddenChannelIds.has(id)
  })
  join(hidden?.id ?? '')
  join('123')
  join(openChannel(emulator, guildId), '123')
  join(openChannel(emulator, guildId, ChannelType.GuildText))
  const [full, fullGuildId] = fullChannel(emulator)
  join(full, fullGuildId)
  emulator.shard(0).voice('silent')
  join(openChannel(emulator, guildId))
  await client.settle()
  expect(client.names()).toEqual([10, 'READY', 11])
  emulator.shard(0).voice('null-endpoint')
  join(openChannel(emulator, guildId))
  expect((await client.next('VOICE_SERVER_UPDATE')).d.endpoint).toBeNull()
})

/** A voice channel with as many members in it as may be. */
function fullChannel(emulator: Emulator): [channelId: string, guildId: string] {
  for (const guildId of emulator.world.guildIds) {
    const { channels, voice_states: states } = emulator.world.guildCreate(guildId)
    for (const channel of channels) {
      const limit = 'user_limit' in channel ? (channel.user_limit ?? 0) : 0
      const present = states.filter((state) => state.channel_id === channel.id).length
      if (limit > 0 && present >= limit) return [channel.id, guildId]
    }
  }
  throw new Error('no channel of this world is full')
}

test('E34: one SOUNDBOARD_SOUNDS for each known guild', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const [one = '', two = ''] = emulator.world.guildIds
  client.send(31, { guild_ids: [one, '123', two] })
  await client.settle()
  const answers = client.received.filter(({ t }) => t === 'SOUNDBOARD_SOUNDS')
  expect(answers.map(({ d }) => d.guild_id)).toEqual([one, two])
  expect(Array.isArray(answers[0]?.d.soundboard_sounds)).toBe(true)
})

test('E34: one CHANNEL_INFO with the fields that were asked for', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  client.send(43, { guild_id: firstGuild(emulator), fields: ['status', 'a future field'] })
  const { d } = await client.next('CHANNEL_INFO')
  expect(d.guild_id).toBe(firstGuild(emulator))
  for (const channel of d.channels) {
    expect(['id', 'status']).toEqual(expect.arrayContaining(Object.keys(channel)))
  }
})
