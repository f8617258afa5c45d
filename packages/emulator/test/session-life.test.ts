import { expect, test } from 'vitest'

import type { Emulator } from '../src/index.ts'
import { rules, startEmulator } from './fixture.ts'
import { greeted, ready } from './script-client.ts'
import type { ScriptClient } from './script-client.ts'

async function resumed(
  emulator: Emulator,
  sessionId: string,
  seq: number,
  query?: string,
): Promise<ScriptClient> {
  const client = await greeted(emulator, query, emulator.resumeUrl)
  client.send(6, { token: emulator.token, session_id: sessionId, seq })
  return client
}

async function detached(emulator: Emulator): Promise<void> {
  await emulator.until(() => emulator.all.connectionCount === 0)
}

test.each([1000, 1001])('E22: a client that closes with %d ends the session', async (code) => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  client.socket.close(code)
  const { reason } = await emulator.waitFor('session-end')
  expect(reason).toContain(String(code))
  const next = await resumed(emulator, client.sessionId, 1)
  expect((await next.next(9)).d).toBe(false)
})

test.each([
  ['another code', (client: ScriptClient) => client.socket.close(4900)],
  ['no code', (client: ScriptClient) => client.socket.close()],
  ['no close frame', (client: ScriptClient) => client.socket.terminate()],
])(
  'E23: a client that leaves with %s keeps the session, and events are kept for it',
  async (_name, leave) => {
    const { emulator } = await startEmulator()
    const client = await ready(emulator, { intents: 0 })
    leave(client)
    await detached(emulator)
    expect(emulator.dispatch('USER_UPDATE', { missed: true })).toBe(1)
    const next = await resumed(emulator, client.sessionId, 1)
    expect(await next.next('USER_UPDATE')).toMatchObject({ s: 2, d: { missed: true } })
    expect(await next.next('RESUMED')).toMatchObject({ s: 3 })
  },
)

test('E23: a session without a socket expires after its time to live', async () => {
  const { emulator, clock } = await startEmulator({ sessionTtlMs: 1000 })
  const client = await ready(emulator)
  client.socket.terminate()
  await detached(emulator)
  clock.advance(999)
  const next = await resumed(emulator, client.sessionId, 1)
  await next.next('RESUMED')
  clock.advance(5000)
  next.socket.terminate()
  await detached(emulator)
  clock.advance(1000)
  expect(emulator.report().sessions[0]?.endReason).toBe('expired')
  const late = await resumed(emulator, client.sessionId, 1)
  expect((await late.next(9)).d).toBe(false)
})

test('E24: unknown session, wrong token, or by switch a prefixed one: op 9 d:false, the session unharmed', async () => {
  const { emulator } = await startEmulator({ switches: { botPrefix: 'identify' } })
  const client = await ready(emulator)
  client.socket.terminate()
  await detached(emulator)
  const other = await greeted(emulator)
  for (const [token, id] of [
    [emulator.token, 'f'.repeat(32)],
    ['wrong', client.sessionId],
    [`Bot ${emulator.token}`, client.sessionId],
  ]) {
    other.send(6, { token, session_id: id, seq: 1 })
    expect((await other.next(9)).d).toBe(false)
  }
  other.send(6, { token: emulator.token, session_id: client.sessionId, seq: 1 })
  await other.next('RESUMED')
})

test('E24: a gap older than the buffer gets op 9 d:false, or 4007 by switch', async () => {
  const { emulator } = await startEmulator({ replayCap: 10 })
  const client = await ready(emulator, { intents: 0 })
  client.socket.terminate()
  await detached(emulator)
  for (let count = 0; count < 11; count++) emulator.dispatch('USER_UPDATE', {})
  const next = await resumed(emulator, client.sessionId, 1)
  expect((await next.next(9)).d).toBe(false)
  expect(emulator.report().sessions[0]?.endReason).toBe('replay-overflow')

  const { emulator: strict } = await startEmulator({
    replayCap: 10,
    switches: { resumeTooOld: 'close-4007' },
  })
  const first = await ready(strict, { intents: 0 })
  for (let count = 0; count < 11; count++) strict.dispatch('USER_UPDATE', {})
  const late = await resumed(strict, first.sessionId, 1)
  expect((await late.closed).code).toBe(4007)
})

test('E24: a gap exactly as long as the buffer is replayed', async () => {
  const { emulator } = await startEmulator({ replayCap: 10 })
  const client = await ready(emulator, { intents: 0 })
  client.socket.terminate()
  await detached(emulator)
  for (let count = 0; count < 10; count++) emulator.dispatch('USER_UPDATE', {})
  const next = await resumed(emulator, client.sessionId, 1)
  expect((await next.next('RESUMED')).s).toBe(12)
})

test.each([
  ['1 guild', 1, 100],
  ['2 guilds', 2, 150],
  ['50 guilds', 50, 3500],
])('E23: with %s on the shard the buffer holds %d × 75, but 100 to 3500', async (_name, guilds, cap) => {
  const { emulator } = await startEmulator({
    world: { guilds, membersPerGuild: 1, channelsPerGuild: 1, rolesPerGuild: 1, emojisPerGuild: 0 },
  })
  const client = await ready(emulator, { intents: 0 })
  client.socket.terminate()
  await detached(emulator)
  for (let count = 0; count < cap; count++) emulator.dispatch('USER_UPDATE', {})
  const next = await resumed(emulator, client.sessionId, 1)
  expect((await next.next('RESUMED')).s).toBe(cap + 2)
  next.socket.terminate()
  await detached(emulator)
  emulator.dispatch('USER_UPDATE', {})
  const late = await resumed(emulator, client.sessionId, 2)
  expect((await late.next(9)).d).toBe(false)
})

test('E23: the time to live starts anew with each socket that is lost, and default is 180 s', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  client.socket.terminate()
  await detached(emulator)
  clock.advance(179_999)
  const next = await resumed(emulator, client.sessionId, 1)
  await next.next('RESUMED')
  next.socket.terminate()
  await detached(emulator)
  clock.advance(179_999)
  expect(emulator.all.sessionCount).toBe(1)
  clock.advance(1)
  expect(emulator.all.sessionCount).toBe(0)
})

test('E24: an expired session is silent until its resume gets op 9 d:false', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.shard(0).expireSession()
  await client.settle()
  expect(emulator.dispatch('USER_UPDATE', {})).toBe(0)
  const next = await resumed(emulator, client.sessionId, 1)
  expect((await next.next(9)).d).toBe(false)
  expect(emulator.report().resumes).toMatchObject([{ outcome: 'unknown session', replayed: 0 }])
})

test('a Bot prefix is accepted in resume, as eris, oceanic.js and discordeno send it', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const next = await greeted(emulator)
  next.send(6, { token: `Bot ${emulator.token}`, session_id: client.sessionId, seq: 1 })
  expect((await next.next('RESUMED')).s).toBe(5)
})

test('E25: a seq that was never sent closes with 4007', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const next = await resumed(emulator, client.sessionId, 2)
  expect((await next.closed).code).toBe(4007)
  expect(rules(emulator)).toEqual(['resume'])
})

test('E26: a resume replays in order with the original sequences, costs no start, and RESUMED has its own s', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  for (let index = 0; index < 4; index++) emulator.dispatch('USER_UPDATE', { index })
  client.socket.terminate()
  await detached(emulator)
  emulator.dispatch('USER_UPDATE', { index: 4 })
  const next = await resumed(emulator, client.sessionId, 3)
  await next.next('RESUMED')
  emulator.dispatch('USER_UPDATE', { index: 5 })
  await next.settle()
  expect(next.received.filter(({ op }) => op === 0).map(({ t, s }) => [t, s])).toEqual([
    ['USER_UPDATE', 4],
    ['USER_UPDATE', 5],
    ['USER_UPDATE', 6],
    ['RESUMED', 7],
    ['USER_UPDATE', 8],
  ])
  expect(next.received.find(({ t }) => t === 'RESUMED')).toHaveProperty('d._trace.length', 1)
  expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed', replayed: 3, sequence: 3 }])
  expect(emulator.report().identifies).toHaveLength(1)
  const answer = await fetch(`${emulator.apiUrl}/gateway/bot`, {
    headers: { authorization: `Bot ${emulator.token}` },
  })
  expect(await answer.json()).toMatchObject({ session_start_limit: { remaining: 999 } })
})

test.each([4000, 4006] as const)(
  'E27: the newer socket takes the session over, the older closes with %d',
  async (takenOver) => {
    const { emulator } = await startEmulator({ switches: { takenOver } })
    const client = await ready(emulator)
    const next = await resumed(emulator, client.sessionId, 1)
    await next.next('RESUMED')
    expect((await client.closed).code).toBe(takenOver)
    await emulator.until(() => emulator.all.connectionCount === 1)
    expect(emulator.report().sessions).toMatchObject([{ connected: true, endReason: null }])
    expect(emulator.dispatch('USER_UPDATE', {})).toBe(1)
    await next.next('USER_UPDATE')
    expect(client.names()).not.toContain('USER_UPDATE')
  },
)

test('E27: what the older socket left unread is replayed on the newer one', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.all.freeze()
  for (let index = 0; index < 3; index++) emulator.dispatch('USER_UPDATE', { index })
  const next = await resumed(emulator, client.sessionId, 1)
  await next.next('RESUMED')
  expect(next.received.filter(({ t }) => t === 'USER_UPDATE').map(({ s }) => s)).toEqual([2, 3, 4])
  clock.advance(5000)
  expect((await client.closed).code).toBe(1006)
  expect(client.names()).toEqual([10, 'READY'])
  await next.settle()
})

test('E28: a resume may use another compression than the identify', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const query = 'v=10&encoding=json&compress=zlib-stream'
  const next = await resumed(emulator, client.sessionId, 1, query)
  expect((await next.next('RESUMED')).op).toBe(0)
})

test('E28: a resume with another version gets op 9, unless the switch accepts it', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const next = await resumed(emulator, client.sessionId, 1, 'v=9&encoding=json')
  expect((await next.next(9)).d).toBe(false)
  const { emulator: lax } = await startEmulator({ switches: { resumeMismatch: 'accept' } })
  const first = await ready(lax)
  const second = await resumed(lax, first.sessionId, 1, 'v=9&encoding=json')
  await second.next('RESUMED')
})

test('the report keeps ended sessions with their last sequence', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.dispatch('USER_UPDATE', {})
  await client.next('USER_UPDATE')
  emulator.all.expireSession()
  expect(emulator.report().sessions).toMatchObject([
    { sessionId: client.sessionId, lastSequence: 2, connected: false, endReason: 'expired' },
  ])
})

test('a session says when its guilds are out', async () => {
  const { emulator, clock } = await startEmulator({ guildBackfillMs: 1000 })
  const client = await ready(emulator)
  clock.advance(299)
  expect(emulator.report().sessions).toMatchObject([{ hasGuilds: false }])
  const out = emulator.waitFor('guilds')
  clock.advance(1)
  expect(await out).toEqual({ sessionId: client.sessionId, shardId: 0 })
  expect(emulator.report().sessions).toMatchObject([{ hasGuilds: true }])
  await client.settle()
  expect(client.names()).toEqual([10, 'READY', 'GUILD_CREATE', 'GUILD_CREATE', 'GUILD_CREATE', 11])
})
