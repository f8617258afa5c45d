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

test.each([
  ['MESSAGE_CREATE', message(), Intent.GuildMessages],
  ['MESSAGE_CREATE', message({ guild_id: undefined }), Intent.DirectMessages],
  ['MESSAGE_REACTION_ADD', { guild_id: '3' }, Intent.GuildMessageReactions],
  ['MESSAGE_REACTION_ADD', {}, Intent.DirectMessageReactions],
  ['TYPING_START', { guild_id: '3' }, Intent.GuildMessageTyping],
  ['TYPING_START', {}, Intent.DirectMessageTyping],
  ['MESSAGE_POLL_VOTE_ADD', {}, Intent.DirectMessagePolls],
  ['CHANNEL_PINS_UPDATE', { guild_id: '3' }, Intent.Guilds],
  ['CHANNEL_PINS_UPDATE', {}, Intent.DirectMessages],
  ['PRESENCE_UPDATE', { guild_id: '3' }, Intent.GuildPresences],
  ['GUILD_MEMBER_ADD', { guild_id: '3' }, Intent.GuildMembers],
  ['VOICE_STATE_UPDATE', { guild_id: '3' }, Intent.GuildVoiceStates],
  ['GUILD_SCHEDULED_EVENT_CREATE', { guild_id: '3' }, Intent.GuildScheduledEvents],
  ['AUTO_MODERATION_RULE_CREATE', { guild_id: '3' }, Intent.AutoModerationConfiguration],
])('E18: %s %j needs its intent and no other', async (type, data, intent) => {
  const { emulator, clock } = await startEmulator()
  await ready(emulator, { intents: everyIntent & ~intent })
  expect(emulator.dispatch(type, data)).toBe(0)
  clock.advance(5000)
  await ready(emulator, { intents: intent })
  expect(emulator.dispatch(type, data)).toBe(1)
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
