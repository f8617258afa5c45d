import { expect, test } from 'vitest'

import { Intent, shardOfGuild } from '../src/index.ts'
import { rules, startEmulator } from './fixture.ts'
import { everyIntent, greeted, properties, ready } from './script-client.ts'

async function closeCode(
  emulator: Parameters<typeof greeted>[0],
  identify: Record<string, unknown>,
): Promise<number> {
  const client = await greeted(emulator)
  client.send(2, { token: emulator.token, intents: everyIntent, properties, ...identify })
  return (await client.closed).code
}

test('E9: a wrong token closes with 4004', async () => {
  const { emulator } = await startEmulator()
  expect(await closeCode(emulator, { token: 'nope' })).toBe(4004)
  expect(rules(emulator)).toEqual(['token'])
})

test('a Bot prefix is accepted in identify, unless the switch says no', async () => {
  const { emulator } = await startEmulator()
  await ready(emulator, { token: `Bot ${emulator.token}` })
  const { emulator: strict } = await startEmulator({ switches: { botPrefix: 'nowhere' } })
  expect(await closeCode(strict, { token: `Bot ${strict.token}` })).toBe(4004)
})

test.each([2, 6])('E10: op %d with a session attached closes with 4005', async (op) => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  client.send(op, { token: emulator.token, intents: 1, properties, session_id: client.sessionId, seq: 1 })
  expect((await client.closed).code).toBe(4005)
  expect(rules(emulator)).toEqual(['already-authenticated'])
})

test.each([[[1]], [['0', 1]], [[-1, 1]], [[1, 1]], [[0, 0]], ['0/1']])(
  'E11: shard %j closes with 4010',
  async (shard) => {
    const { emulator } = await startEmulator()
    expect(await closeCode(emulator, { shard })).toBe(4010)
    expect(rules(emulator)).toEqual(['shard'])
  },
)

test('E11: with a large-bot base the count must be a multiple of it', async () => {
  const { emulator } = await startEmulator({ shardCountBase: 16 })
  expect(await closeCode(emulator, { shard: [0, 24] })).toBe(4010)
  await ready(emulator, { shard: [0, 32] })
})

test('E12: more than 2500 guilds on a shard close with 4011', async () => {
  const { emulator } = await startEmulator({
    world: { guilds: 2501, membersPerGuild: 1, channelsPerGuild: 1, rolesPerGuild: 1, emojisPerGuild: 0 },
  })
  expect(await closeCode(emulator, { shard: [0, 1] })).toBe(4011)
  expect(rules(emulator)).toEqual(['sharding-required'])
})

test.each([undefined, 1 << 18, 1 << 30, -1, 1.5, '1'])('E13: intents %j close with 4013', async (intents) => {
  const { emulator } = await startEmulator()
  expect(await closeCode(emulator, { intents })).toBe(4013)
})

test('E13: a privileged intent that is not enabled closes with 4014', async () => {
  const { emulator } = await startEmulator({ privilegedIntents: Intent.GuildMembers })
  expect(await closeCode(emulator, { intents: Intent.GuildPresences })).toBe(4014)
  await ready(emulator, { intents: Intent.GuildMembers })
})

test('E13: a switch accepts the intents of user accounts, and 0 is legal', async () => {
  const { emulator, clock } = await startEmulator({ switches: { userIntents: 'accept' } })
  await ready(emulator, { intents: 1 << 18 })
  clock.advance(5000)
  await ready(emulator, { intents: 0 })
  expect(rules(emulator)).toEqual([])
})

test('E14: a second identify of the bucket within 5 s gets op 9 later, counts, and leaves the socket open', async () => {
  const { emulator, clock } = await startEmulator({ maxConcurrency: 2 })
  await ready(emulator, { shard: [0, 4] })
  await ready(emulator, { shard: [1, 4] })
  clock.advance(4999)
  const early = await greeted(emulator)
  early.send(2, { token: emulator.token, intents: 1, properties, shard: [2, 4] })
  await early.settle()
  expect(early.names()).toEqual([10, 11])
  clock.advance(5000)
  expect((await early.next(9)).d).toBe(false)
  expect(rules(emulator)).toEqual(['identify-spacing'])
  early.send(2, { token: emulator.token, intents: 1, properties, shard: [2, 4] })
  await early.next('READY')
  expect(emulator.report().identifies.map(({ outcome }) => outcome)).toEqual([
    'ready',
    'ready',
    'identify-spacing',
    'ready',
  ])
  const answer = await fetch(`${emulator.apiUrl}/gateway/bot`, {
    headers: { authorization: `Bot ${emulator.token}` },
  })
  expect(await answer.json()).toMatchObject({ session_start_limit: { remaining: 996 } })
})

test('E14: the punished identify does not move the window, and other bots have their own', async () => {
  const { emulator, clock } = await startEmulator({ bots: [{}, {}], invalidSessionDelayMs: [0, 0] })
  await ready(emulator)
  await ready(emulator, { token: emulator.bots[1]?.token })
  clock.advance(4999)
  const early = await greeted(emulator)
  early.send(2, { token: emulator.token, intents: 1, properties })
  await early.settle()
  clock.advance(1)
  expect((await early.next(9)).d).toBe(false)
  early.send(2, { token: emulator.token, intents: 1, properties })
  await early.next('READY')
})

test('E14: the window is exactly as long as configured', async () => {
  const { emulator, clock } = await startEmulator({ identifyWindowMs: 100 })
  await ready(emulator)
  clock.advance(100)
  await ready(emulator)
  expect(rules(emulator)).toEqual([])
})

test('E15: without budget left, op 9; with the switch, all sessions end and the token dies', async () => {
  const { emulator, clock } = await startEmulator({ sessionStartLimit: { total: 1 } })
  await ready(emulator)
  clock.advance(5000)
  const second = await greeted(emulator)
  second.send(2, { token: emulator.token, intents: 1, properties })
  await second.settle()
  clock.advance(5000)
  await second.next(9)
  expect(rules(emulator)).toEqual(['session-start-limit'])

  const { emulator: strict, clock: strictClock } = await startEmulator({
    sessionStartLimit: { total: 1 },
    switches: { startLimitExhausted: 'reset-token' },
  })
  const first = await ready(strict)
  strictClock.advance(5000)
  expect(await closeCode(strict, {})).toBe(4004)
  expect((await first.closed).code).toBe(4004)
  expect(await closeCode(strict, {})).toBe(4004)
  const answer = await fetch(`${strict.apiUrl}/gateway/bot`, {
    headers: { authorization: `Bot ${strict.token}` },
  })
  expect(answer.status).toBe(401)
})

test('E15: the budget comes back after reset_after', async () => {
  const { emulator, clock } = await startEmulator({
    sessionStartLimit: { total: 2, remaining: 1, resetAfterMs: 60_000 },
  })
  const remaining = async (): Promise<unknown> => {
    const headers = { authorization: `Bot ${emulator.token}` }
    return (await fetch(`${emulator.apiUrl}/gateway/bot`, { headers })).json()
  }
  await ready(emulator)
  expect(await remaining()).toMatchObject({
    session_start_limit: { total: 2, remaining: 0, reset_after: 60_000 },
  })
  clock.advance(60_000)
  expect(await remaining()).toMatchObject({ session_start_limit: { remaining: 2, reset_after: 60_000 } })
})

test("E16: READY is sequence 1 with this shard's guilds, each followed by its GUILD_CREATE", async () => {
  const { emulator } = await startEmulator({ world: { guilds: 9, membersPerGuild: 2 } })
  const client = await ready(emulator, { shard: [1, 3] })
  await client.settle()
  const mine = emulator.world.guildIds.filter((id) => shardOfGuild(id, 3) === 1)
  expect(mine.length).toBeGreaterThan(0)
  const [, readyPayload, ...rest] = client.received
  expect(readyPayload).toMatchObject({ t: 'READY', s: 1 })
  expect(readyPayload?.d).toMatchObject({ v: 10, shard: [1, 3], user: { id: emulator.world.user.id } })
  expect(readyPayload?.d.session_id).toMatch(/^[0-9a-f]{32}$/)
  expect(readyPayload?.d.guilds).toEqual(mine.map((id) => ({ id, unavailable: true })))
  const created = rest.filter(({ t }) => t === 'GUILD_CREATE')
  expect(new Set(created.map(({ d }) => d.id))).toEqual(new Set(mine))
  expect(created).toHaveLength(mine.length)
  expect(created.every(({ d }) => d.unavailable === false)).toBe(true)
})

test('E16: the guilds after READY come shuffled, the largest among them', async () => {
  const { emulator } = await startEmulator({ world: { guilds: 40, membersPerGuild: 2, channelsPerGuild: 1 } })
  const client = await ready(emulator)
  await client.settle()
  const created = client.received.filter(({ t }) => t === 'GUILD_CREATE').map(({ d }) => d.id)
  expect(created).not.toEqual(emulator.world.guildIds)
  expect(new Set(created)).toEqual(new Set(emulator.world.guildIds))
  expect(created).toHaveLength(40)
})

test('E16: a guild in outage comes as GUILD_DELETE, and without GUILDS nothing comes', async () => {
  const { emulator, clock } = await startEmulator()
  const gone = emulator.world.guildIds[0] ?? ''
  emulator.all.guildOutage(gone)
  const client = await ready(emulator)
  expect((await client.next('GUILD_DELETE')).d).toEqual({ id: gone, unavailable: true })
  clock.advance(5000)
  const blind = await ready(emulator, { intents: 0 })
  await blind.settle()
  expect(blind.names()).toEqual([10, 'READY', 11])
})

test('E16: the guilds are spread over time', async () => {
  const { emulator, clock } = await startEmulator({ guildBackfillMs: 100 })
  const client = await ready(emulator)
  await client.settle()
  expect(client.names()).not.toContain('GUILD_CREATE')
  clock.advance(10)
  await client.settle()
  expect(client.names().filter((name) => name === 'GUILD_CREATE')).toHaveLength(1)
  clock.advance(90)
  await client.settle()
  expect(client.names().filter((name) => name === 'GUILD_CREATE')).toHaveLength(3)
})

test('without shard the session is [0, 1] and READY has no shard', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  expect(client.received[1]?.d).not.toHaveProperty('shard')
  expect(emulator.report().sessions[0]).toMatchObject({ shardId: 0, shardCount: 1 })
})

test('sets with different shard counts, and twins of one shard, run side by side', async () => {
  const { emulator, clock } = await startEmulator({ identifyWindowMs: 1 })
  const clients = []
  for (const shard of [
    [0, 1],
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    clients.push(await ready(emulator, { shard }))
    clock.advance(1)
  }
  const guildId = emulator.world.guildIds[0] ?? ''
  expect(emulator.dispatch('GUILD_BAN_ADD', { guild_id: guildId, user: { id: '1' } })).toBe(3)
})

test('each bot has its own token, guilds, budget and windows', async () => {
  const { emulator } = await startEmulator({
    bots: [{ world: { seed: 1, guilds: 1 } }, { world: { seed: 2, guilds: 2 } }],
  })
  const [one, two] = emulator.bots
  expect(one?.token).not.toBe(two?.token)
  await ready(emulator)
  const second = await ready(emulator, { token: two?.token })
  expect(second.received[1]?.d.guilds).toHaveLength(2)
  expect(emulator.report().sessions.map(({ bot }) => bot)).toEqual([0, 1])
})

test('E42: capabilities that nobody knows yet pass', async () => {
  const { emulator } = await startEmulator()
  await ready(emulator, { capabilities: 2 ** 40 + 1 })
  expect(rules(emulator)).toEqual([])
})

test('E41: READY carries the undocumented keys', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  expect(client.received[1]?.d).toMatchObject({
    session_type: 'normal',
    user_settings: {},
    private_channels: [],
    auth: {},
  })
  expect(client.received[1]).toHaveProperty('d._trace.length', 1)
})
