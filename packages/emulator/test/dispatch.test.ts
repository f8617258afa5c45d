import { expect, test } from 'vitest'

import { Intent, shardOfGuild } from '../src/index.ts'
import { startEmulator } from './fixture.ts'
import { everyIntent, ready } from './script-client.ts'

function message(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '1',
    channel_id: '2',
    guild_id: '3',
    author: { id: '4' },
    content: 'secret',
    embeds: [{}],
    attachments: [{}],
    components: [{}],
    poll: {},
    mentions: [],
    ...extra,
  }
}

function someone(id: number): { readonly id: string } {
  return { id: String(id) }
}

test('E17: sequences are contiguous, s and t are null on other ops, keys come as t, s, op, d', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  for (let count = 0; count < 5; count++) emulator.dispatch('MESSAGE_CREATE', message())
  await client.settle()
  const dispatches = client.received.filter(({ op }) => op === 0)
  expect(dispatches.map(({ s }) => s)).toEqual(dispatches.map((_, index) => index + 1))
  for (const { bytes } of client.messages) {
    const text = bytes.toString()
    expect(Object.keys(JSON.parse(text))).toEqual(['t', 's', 'op', 'd'])
    expect(text).toMatch(/^\{"t":("[A-Z_]+","s":\d+|null,"s":null),"op":/)
  }
})

test('E18: events go to the shard of their guild, those without a guild to shard 0', async () => {
  const { emulator } = await startEmulator({ maxConcurrency: 2 })
  const zero = await ready(emulator, { shard: [0, 2], intents: everyIntent & ~Intent.Guilds })
  const one = await ready(emulator, { shard: [1, 2], intents: everyIntent & ~Intent.Guilds })
  const even = String(2n << 22n)
  const odd = String(3n << 22n)
  expect(shardOfGuild(odd, 2)).toBe(1)
  expect(emulator.dispatch('MESSAGE_CREATE', message({ guild_id: even }))).toBe(1)
  expect(emulator.dispatch('MESSAGE_CREATE', message({ guild_id: odd }))).toBe(1)
  expect(emulator.dispatch('ENTITLEMENT_CREATE', { id: '1' })).toBe(1)
  expect(emulator.dispatch('USER_UPDATE', { id: '1' }, { shard: 1 })).toBe(1)
  await zero.settle()
  await one.settle()
  expect(zero.names()).toEqual([10, 'READY', 'MESSAGE_CREATE', 'ENTITLEMENT_CREATE', 11])
  expect(one.names()).toEqual([10, 'READY', 'MESSAGE_CREATE', 'USER_UPDATE', 11])
})

test('E18: GUILD_DELETE is routed by its id', async () => {
  const { emulator } = await startEmulator({ maxConcurrency: 2 })
  await ready(emulator, { shard: [0, 2] })
  const one = await ready(emulator, { shard: [1, 2] })
  emulator.dispatch('GUILD_DELETE', { id: String(3n << 22n) })
  expect(await one.next('GUILD_DELETE')).toMatchObject({ d: { id: String(3n << 22n) } })
})

test('E18: ungated and unknown events always arrive', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  for (const type of ['INTERACTION_CREATE', 'CHANNEL_TOPIC_UPDATE']) emulator.dispatch(type, {})
  await client.settle()
  expect(client.names()).toEqual([10, 'READY', 'INTERACTION_CREATE', 'CHANNEL_TOPIC_UPDATE', 11])
})

test('E18: without MESSAGE_CONTENT messages are blank, except own, direct and mentioning ones', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: everyIntent & ~Intent.MessageContent })
  const self = emulator.world.user.id
  const { d: blank } = (emulator.dispatch('MESSAGE_CREATE', message()), await client.next('MESSAGE_CREATE'))
  expect(blank).toMatchObject({ content: '', embeds: [], attachments: [], components: [] })
  expect(blank).not.toHaveProperty('poll')
  for (const extra of [{ author: { id: self } }, { guild_id: undefined }, { mentions: [{ id: self }] }]) {
    emulator.dispatch('MESSAGE_CREATE', message(extra))
    expect((await client.next('MESSAGE_CREATE')).d.content).toBe('secret')
  }
  emulator.dispatch('AUTO_MODERATION_ACTION_EXECUTION', {
    guild_id: '3',
    content: 'secret',
    matched_content: 's',
  })
  const { d: execution } = await client.next('AUTO_MODERATION_ACTION_EXECUTION')
  expect(execution).toMatchObject({ content: '', matched_content: '' })
})

test('E18: a mention of a role or of everyone, or an own user id elsewhere, shows no content', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: Intent.GuildMessages })
  const self = emulator.world.user.id
  for (const extra of [
    { mention_everyone: true },
    { mention_roles: ['3'] },
    { content: `<@${self}>` },
    { author: { id: '4', bot: true }, application_id: emulator.world.application.id },
  ]) {
    emulator.dispatch('MESSAGE_CREATE', message(extra))
    expect((await client.next('MESSAGE_CREATE')).d.content).toBe('')
  }
})

test('E18: without MESSAGE_CONTENT the message replied to is judged by itself, a forwarded one with its carrier', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: Intent.GuildMessages | Intent.DirectMessages })
  const self = { id: emulator.world.user.id }
  const nested = async (extra: Record<string, unknown>): Promise<unknown[]> => {
    emulator.dispatch('MESSAGE_CREATE', message(extra))
    const { d } = await client.next('MESSAGE_CREATE')
    return [d.content, d.referenced_message?.content ?? d.message_snapshots[0].message.content]
  }
  const replied = { referenced_message: message({ guild_id: undefined }) }
  const forwarded = { message_snapshots: [{ message: { content: 'secret' } }] }
  expect(await nested(replied)).toEqual(['', ''])
  expect(await nested({ ...replied, mentions: [self] })).toEqual(['secret', ''])
  expect(await nested({ referenced_message: { ...replied.referenced_message, author: self } })).toEqual([
    '',
    'secret',
  ])
  expect(await nested({ ...replied, guild_id: undefined })).toEqual(['secret', 'secret'])
  expect(await nested(forwarded)).toEqual(['', ''])
  expect(await nested({ ...forwarded, mentions: [self] })).toEqual(['secret', 'secret'])
})

test('E18: two bots of a guild see a message each in its own way', async () => {
  const { emulator } = await startEmulator({ bots: [{ world: { seed: 1 } }, { world: { seed: 2 } }] })
  const [first = '', second = ''] = emulator.bots.map(({ world }) => world.user.id)
  const clients = []
  for (const { token } of emulator.bots) {
    clients.push(await ready(emulator, { token, intents: Intent.GuildMessages }))
  }
  for (const author of [first, second])
    emulator.dispatch('MESSAGE_CREATE', message({ author: { id: author } }))
  const contents = []
  for (const client of clients) {
    for (let count = 0; count < 2; count++) contents.push((await client.next('MESSAGE_CREATE')).d.content)
  }
  expect(contents).toEqual(['secret', '', '', 'secret'])
})

test('E18: a MESSAGE_UPDATE does not gain keys by being blanked', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: Intent.GuildMessages })
  emulator.dispatch('MESSAGE_UPDATE', { id: '1', guild_id: '3', channel_id: '2', pinned: true })
  expect(Object.keys((await client.next('MESSAGE_UPDATE')).d)).toEqual([
    'id',
    'guild_id',
    'channel_id',
    'pinned',
  ])
})

test('E18: the own GUILD_MEMBER_UPDATE needs no intent, the own THREAD_MEMBERS_UPDATE only GUILDS', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: Intent.Guilds })
  const self = emulator.world.user.id
  expect(emulator.dispatch('GUILD_MEMBER_UPDATE', { guild_id: '3', user: { id: '9' } })).toBe(0)
  expect(emulator.dispatch('GUILD_MEMBER_UPDATE', { guild_id: '3', user: { id: self } })).toBe(1)
  expect(
    emulator.dispatch('THREAD_MEMBERS_UPDATE', { guild_id: '3', added_members: [{ user_id: '9' }] }),
  ).toBe(0)
  emulator.dispatch('THREAD_MEMBERS_UPDATE', {
    guild_id: '3',
    added_members: [{ user_id: '9' }, { user_id: self }],
  })
  expect((await client.next('THREAD_MEMBERS_UPDATE')).d.added_members).toEqual([{ user_id: self }])
})

test('E18: GUILD_CREATE is trimmed to the bot and members in voice without GUILD_PRESENCES', async () => {
  const { emulator, clock } = await startEmulator({ world: { guilds: 1, membersPerGuild: 120 } })
  const guildId = emulator.world.guildIds[0] ?? ''
  const inVoice = emulator.world.guildCreate(guildId).voice_states.map(({ user_id: id }) => id)
  const blind = await ready(emulator, { intents: Intent.Guilds })
  const { d: small } = await blind.next('GUILD_CREATE')
  for (const { user } of small.members) expect([emulator.world.user.id, ...inVoice]).toContain(user.id)
  expect(small.presences).toEqual([])
  expect(small.large).toBe(true)
  clock.advance(5000)
  const seeing = await ready(emulator, { large_threshold: 250 })
  const { d: whole } = await seeing.next('GUILD_CREATE')
  expect(whole.members).toHaveLength(emulator.world.members(guildId).length)
  expect(whole.large).toBe(false)
})

test('E18: with GUILD_PRESENCES a guild above large_threshold has who is online or has role, nick or voice', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { large_threshold: 50 })
  await client.settle()
  const members = Array.from({ length: 60 }, (_, index) => ({ user: someone(index), roles: [] }))
  const marked = [
    { user: someone(1), roles: ['5'] },
    { user: someone(2), roles: [], nick: 'n' },
  ]
  const guild = (count: number): object => ({
    id: '3',
    member_count: count,
    members: [...members.filter((member) => member.user.id !== '1' && member.user.id !== '2'), ...marked],
    presences: [
      { user: someone(3), status: 'idle' },
      { user: someone(4), status: 'offline' },
    ],
    voice_states: [{ user_id: '5' }],
    channels: [],
  })
  const seen = async (count: number): Promise<unknown> => {
    emulator.dispatch('GUILD_CREATE', guild(count))
    await client.settle()
    const { d } = client.received.findLast(({ t }) => t === 'GUILD_CREATE') ?? { d: undefined }
    const ids = d.members.map((member: { user: { id: string } }) => member.user.id)
    return [ids.length > 10 ? 'all' : ids.toSorted(), d.presences.length, d.large]
  }
  expect(await seen(50)).toEqual(['all', 2, false])
  expect(await seen(60)).toEqual([['1', '2', '3', '5'], 1, true])
  expect(await seen(75_000)).toEqual([['1', '2', '3', '5'], 1, true])
  expect(await seen(75_001)).toEqual([['5'], 0, true])
})

test('E42: an obfuscated channel keeps id, type, position and parent, and says no more', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 1, channelsPerGuild: 12 } })
  const guildId = emulator.world.guildIds[0] ?? ''
  const client = await ready(emulator)
  const { d } = await client.next('GUILD_CREATE')
  for (const channel of emulator.world.channels(guildId)) {
    const shown = d.channels.find(({ id }: { id: string }) => id === channel.id)
    if (!emulator.world.hiddenChannelIds.has(channel.id)) {
      expect(shown).toEqual(channel)
      continue
    }
    expect(shown).toEqual({
      id: channel.id,
      type: channel.type,
      position: channel.position,
      parent_id: channel.parent_id ?? null,
      guild_id: guildId,
      name: '___hidden___',
      flags: 1 << 17,
      permission_overwrites: [{ id: guildId, type: 0, allow: '0', deny: '1024' }],
    })
  }
  expect(emulator.world.hiddenChannelIds.size).toBeGreaterThan(0)
})

test('E42: events of a hidden channel itself are obfuscated too', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 1, channelsPerGuild: 12 } })
  const [hidden = ''] = emulator.world.hiddenChannelIds
  const client = await ready(emulator)
  const channel = {
    id: hidden,
    type: 0,
    guild_id: emulator.world.guildIds[0],
    name: 'secret',
    topic: 'secret',
  }
  for (const type of ['CHANNEL_CREATE', 'CHANNEL_UPDATE']) {
    emulator.dispatch(type, channel)
    const { d } = await client.next(type)
    expect(JSON.stringify(d)).not.toContain('secret')
    expect(d.name).toBe('___hidden___')
  }
})

test('E42: hidden channels are obfuscated by default, and access brings the full channel', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 2, channelsPerGuild: 12 } })
  const [hidden = ''] = emulator.world.hiddenChannelIds
  const guildId = emulator.world.guildOfChannel(hidden) ?? ''
  const client = await ready(emulator)
  await client.settle()
  const guild = client.received.find(({ t, d }) => t === 'GUILD_CREATE' && d.id === guildId)
  const channel = guild?.d.channels.find(({ id }: { id: string }) => id === hidden)
  expect(channel).toMatchObject({
    name: '___hidden___',
    permission_overwrites: [{ id: guildId, deny: '1024' }],
  })
  expect(channel.flags & (1 << 17)).not.toBe(0)
  expect(emulator.grantChannel(hidden)).toBe(1)
  const granted = await client.next('CHANNEL_UPDATE')
  expect(granted.d.id).toBe(hidden)
  expect(granted.d.name).not.toBe('___hidden___')
  emulator.grantChannel(hidden, { granted: false })
  expect((await client.next('CHANNEL_UPDATE')).d.name).toBe('___hidden___')
})

test('E42: losing access hides the channel from those alone to whom channels are obfuscated', async () => {
  const { emulator } = await startEmulator({
    world: { guilds: 1, channelsPerGuild: 12 },
    channelObfuscation: 'opt-in',
    identifyWindowMs: 0,
  })
  const plain = await ready(emulator)
  const capable = await ready(emulator, { capabilities: 1 << 15 })
  const channel = emulator.world.channels(emulator.world.guildIds[0] ?? '')[0]
  expect(emulator.grantChannel(channel?.id ?? '', { granted: false })).toBe(2)
  expect((await plain.next('CHANNEL_UPDATE')).d.name).toBe(channel?.name)
  expect((await capable.next('CHANNEL_UPDATE')).d.name).toBe('___hidden___')
})

test('E42: opt-in obfuscates only with the capability, off never', async () => {
  const world = { guilds: 1, channelsPerGuild: 12 }
  const { emulator, clock } = await startEmulator({ world, channelObfuscation: 'opt-in' })
  const plain = await ready(emulator)
  expect(JSON.stringify((await plain.next('GUILD_CREATE')).d)).not.toContain('___hidden___')
  clock.advance(5000)
  const capable = await ready(emulator, { capabilities: 1 << 15 })
  expect(JSON.stringify((await capable.next('GUILD_CREATE')).d)).toContain('___hidden___')
  const { emulator: off } = await startEmulator({ world, channelObfuscation: 'off' })
  const client = await ready(off, { capabilities: 1 << 15 })
  expect(JSON.stringify((await client.next('GUILD_CREATE')).d)).not.toContain('___hidden___')
})
