import { expect, test } from 'vitest'

import { rules, startEmulator } from './fixture.ts'
import { greeted, ready } from './script-client.ts'

test.each([
  ['text that is no JSON', '{"op":1', 'decode'],
  ['JSON that is no object', '[1]', 'decode'],
  ['more than 4096 bytes', JSON.stringify({ op: 1, d: null, pad: 'x'.repeat(4096) }), 'size'],
  ['a compressed frame', Buffer.from([0x78, 0x9c, 1, 2]), 'frame-kind'],
  ['more than 4096 bytes that are no JSON either', '{'.repeat(5000), 'size'],
])('E4: %s closes with 4002', async (_name, message, rule) => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  client.socket.send(message)
  expect((await client.closed).code).toBe(4002)
  expect(rules(emulator)).toEqual([rule])
})

test('E4: text that is not UTF-8 closes with 4002', async () => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  client.socket.send(Buffer.from([...Buffer.from('{"op":1,"d":null,"x":"'), 0xc3, 0x28, 0x22, 0x7d]), {
    binary: false,
  })
  expect((await client.closed).code).toBe(4002)
  expect(rules(emulator)).toEqual(['decode'])
})

test('E4: the limit counts bytes, and exactly 4096 pass', async () => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  const empty = JSON.stringify({ op: 1, d: null, pad: '' })
  client.socket.send(JSON.stringify({ op: 1, d: null, pad: 'x'.repeat(4096 - empty.length) }))
  await client.next(11)
  client.socket.send(JSON.stringify({ op: 1, d: null, pad: 'é'.repeat(2048) }))
  expect((await client.closed).code).toBe(4002)
})

test.each([0, 5, 7, 9, 10, 11, 12, 14, 40, 99])('E5: opcode %d closes with 4001', async (op) => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  client.send(op, null)
  expect((await client.closed).code).toBe(4001)
  expect(rules(emulator)).toEqual(['opcode'])
})

test('E5: a switch closes with 4002', async () => {
  const { emulator } = await startEmulator({ switches: { unknownOpcode: 4002 } })
  const client = await ready(emulator)
  client.send(12, null)
  expect((await client.closed).code).toBe(4002)
})

test.each([
  ['heartbeat', 1, 'x'],
  ['identify', 2, []],
  ['identify without properties', 2, { token: 'x', intents: 0 }],
  ['identify with compress as a word', 2, { token: 'x', intents: 0, properties: {}, compress: 'zlib' }],
  ['identify with a negative capability', 2, { token: 'x', intents: 0, properties: {}, capabilities: -1 }],
  ['identify with capabilities as text', 2, { token: 'x', intents: 0, properties: {}, capabilities: '1' }],
  ['presence without since', 3, { activities: [], status: 'online', afk: false }],
  ['presence with an unknown status', 3, { since: null, activities: [], status: 'away', afk: false }],
  [
    'presence with a nameless activity',
    3,
    { since: null, activities: [{ type: 0 }], status: 'idle', afk: false },
  ],
  ['voice state without channel_id', 4, { guild_id: '1', self_mute: false, self_deaf: false }],
  ['resume without seq', 6, { token: 'x', session_id: 'y' }],
  ['member request without query and user_ids', 8, { guild_id: '1' }],
  ['member request with query but no limit', 8, { guild_id: '1', query: '' }],
  ['member request with a number as id', 8, { guild_id: '1', user_ids: [5] }],
  ['soundboard request for one guild_id', 31, { guild_id: '1' }],
  ['channel info with guild_ids', 43, { guild_ids: ['1'], fields: [] }],
])('E6: malformed %s closes with 4001', async (_name, op, d) => {
  const { emulator } = await startEmulator()
  const client = await (op === 2 || op === 6 ? greeted(emulator) : ready(emulator))
  client.send(op, d)
  expect((await client.closed).code).toBe(4001)
  expect(rules(emulator)).toEqual(['payload'])
})

test('E6: in 2023 mode a malformed op 8 hangs for five seconds, then op 9', async () => {
  const { emulator, clock } = await startEmulator({ switches: { malformedCommand: 'invalid-session' } })
  const client = await ready(emulator)
  client.send(8, { guild_id: '1' })
  await client.settle()
  expect(client.names()).not.toContain(9)
  clock.advance(5000)
  expect((await client.next(9)).d).toBe(false)
})

test.each([3, 4, 8, 31, 43])('E7: opcode %d before identify closes with 4003', async (op) => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  client.send(op, {})
  expect((await client.closed).code).toBe(4003)
  expect(rules(emulator)).toEqual(['not-authenticated'])
})

test('E7: after op 9 d:false commands close with 4003, beats do not, and identify works', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator)
  emulator.all.invalidateSession(false)
  expect((await client.next(9)).d).toBe(false)
  await client.settle()
  clock.advance(5000)
  client.send(2, { token: emulator.token, intents: 1, properties: {} })
  await client.next('READY')
  emulator.all.invalidateSession(false)
  await client.next(9)
  client.send(3, { since: null, activities: [], status: 'online', afk: false })
  expect((await client.closed).code).toBe(4003)
})

test('E8: a heartbeat before identify is acknowledged', async () => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  await client.settle()
  expect(client.names()).toEqual([10, 11])
})

test('E29: the 121st payload within 60 s closes with 4008', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await greeted(emulator)
  for (let count = 0; count < 120; count++) client.send(1, null)
  await emulator.until(() => emulator.report().frameCount === 120)
  clock.advance(59_999)
  client.send(1, null)
  expect((await client.closed).code).toBe(4008)
  expect(rules(emulator)).toEqual(['rate'])
})

test('E29: the window slides, so a payload leaves it after 60 s', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await greeted(emulator)
  for (let count = 0; count < 120; count++) client.send(1, null)
  await emulator.until(() => emulator.report().frameCount === 120)
  clock.advance(60_000)
  await client.settle()
  expect(rules(emulator)).toEqual([])
})

test('E29: no 60 s hold more than 120, wherever they begin', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await greeted(emulator)
  const send = async (count: number): Promise<void> => {
    const { frameCount } = emulator.report()
    for (let index = 0; index < count; index++) client.send(1, null)
    await emulator.until(() => emulator.report().frameCount === frameCount + count)
  }
  await send(60)
  clock.advance(30_000)
  await send(60)
  clock.advance(30_000)
  await send(60)
  clock.advance(29_999)
  expect(rules(emulator)).toEqual([])
  await send(1)
  expect((await client.closed).code).toBe(4008)
  expect(rules(emulator)).toEqual(['rate'])
})

test('E29: identify, commands and beats all count, and each connection starts afresh', async () => {
  const { emulator, clock } = await startEmulator()
  for (let round = 0; round < 2; round++) {
    const client = await ready(emulator, { intents: 0 })
    for (let count = 0; count < 60; count++) client.send(31, { guild_ids: [] })
    for (let count = 0; count < 59; count++) client.send(1, null)
    await emulator.until(() => emulator.report().frameCount === 120 * (round + 1) + round)
    expect(rules(emulator)).toHaveLength(round)
    client.send(31, { guild_ids: [] })
    expect((await client.closed).code).toBe(4008)
    clock.advance(5000)
  }
})

test('every client frame is in the report, with size, time and no token', async () => {
  const { emulator, clock } = await startEmulator()
  clock.advance(7)
  const client = await ready(emulator)
  client.socket.send('{"op":1,"d":1}')
  await client.next(11)
  const { frames } = emulator.report()
  expect(frames.map(({ op, atMs, shard }) => [op, atMs, shard])).toEqual([
    [2, 7, null],
    [1, 7, 0],
  ])
  expect(frames[1]).toMatchObject({ bytes: 14, data: 1 })
  expect(JSON.stringify(emulator.report())).not.toContain(emulator.token)
})
