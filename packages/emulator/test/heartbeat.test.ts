import { expect, test } from 'vitest'

import { VirtualClock } from '../src/index.ts'
import type { Clock } from '../src/index.ts'
import { rules, startEmulator } from './fixture.ts'
import { greeted, ready } from './script-client.ts'

test('E19: each beat gets exactly one op 11, behind what was sent before', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.dispatch('USER_UPDATE', {})
  client.send(1, 1)
  client.send(1, 2)
  await client.next(11)
  await client.next(11)
  await client.settle()
  expect(client.names()).toEqual([10, 'READY', 'USER_UPDATE', 11, 11, 11])
})

test('E19: op 11 waits behind megabytes that the client has not read', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  client.socket.pause()
  for (let index = 0; index < 16; index++) {
    emulator.dispatch('USER_UPDATE', { index, filler: 'x'.repeat(1024 * 1024) })
  }
  client.send(1, 1)
  await emulator.waitFor('heartbeat')
  emulator.dispatch('USER_UPDATE', { index: 16 })
  expect(client.names()).toEqual([10, 'READY'])
  client.socket.resume()
  await client.settle()
  const names = client.names().slice(2)
  expect(names.filter((name) => name === 11)).toHaveLength(2)
  expect(names.indexOf(11)).toBe(16)
  expect(client.received.filter(({ t }) => t === 'USER_UPDATE').map(({ d }) => d.index)).toEqual(
    Array.from({ length: 17 }, (_, index) => index),
  )
})

test('E19: op 11 waits behind an armed blast, whose compression context it shares', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 }, 'v=10&encoding=json&compress=zlib-stream')
  const batch = emulator.prepare({ count: 2000 })
  const blasted = emulator.blast(batch, { arm: true, mode: 'every-session' })
  client.send(1, 1)
  await blasted
  await client.next(11)
  expect(client.names().slice(2)).toHaveLength(2001)
  expect(client.names().at(-1)).toBe(11)
})

test('E20: without a beat for 1.5 intervals the socket closes with 4000 and the session stays', async () => {
  const { emulator, clock } = await startEmulator({ heartbeatIntervalMs: 1000, identifyWindowMs: 1 })
  const client = await ready(emulator)
  clock.advance(1499)
  await client.settle()
  clock.advance(1499)
  expect(emulator.all.connectionCount).toBe(1)
  clock.advance(1)
  expect((await client.closed).code).toBe(4000)
  expect(rules(emulator)).toEqual(['heartbeat-late'])
  await emulator.until(() => emulator.report().sessions[0]?.connected === false)
  const next = await greeted(emulator, undefined, emulator.resumeUrl)
  next.send(6, { token: emulator.token, session_id: client.sessionId, seq: 1 })
  await next.next('RESUMED')
})

test.each([1000, 1001, 4009] as const)(
  'E20: a switch closes with %d, and the session still stays',
  async (code) => {
    const { emulator, clock } = await startEmulator({ switches: { missedHeartbeat: code } })
    const client = await ready(emulator)
    clock.advance(61_875)
    expect((await client.closed).code).toBe(code)
    expect(emulator.report().sessions[0]?.endReason).toBeNull()
  },
)

test('E20: after a stall of the emulator itself, beats that lie unread count', async () => {
  const timers = new VirtualClock()
  let stalledMs = 0
  const clock: Clock = {
    now: () => timers.now() + stalledMs,
    setTimeout: (callback, delayMs) => timers.setTimeout(callback, delayMs),
    clearTimeout: (handle) => timers.clearTimeout(handle),
  }
  const { emulator } = await startEmulator({ clock, heartbeatIntervalMs: 1000 })
  const client = await ready(emulator)
  timers.advance(1499)
  stalledMs = 3000
  timers.advance(1)
  expect(rules(emulator)).toEqual([])
  await client.settle()
  timers.advance(1499)
  expect(rules(emulator)).toEqual([])
  stalledMs = 6000
  timers.advance(50)
  expect(rules(emulator)).toEqual([])
  timers.advance(1)
  expect(rules(emulator)).toEqual(['heartbeat-late'])
})

test('E21: the emulator can ask for a beat', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  emulator.shard(0).requestHeartbeat()
  expect((await client.next(1)).d).toBeNull()
})

test("withheld acks stay withheld on the shard's next socket, until lifted", async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator)
  emulator.shard(0).withholdAcks()
  client.send(1, 1)
  await emulator.waitFor('heartbeat')
  client.socket.terminate()
  clock.advance(5000)
  const next = await ready(emulator)
  next.send(1, 1)
  await emulator.waitFor('heartbeat')
  emulator.dispatch('USER_UPDATE', {})
  await next.next('USER_UPDATE')
  expect(next.names()).not.toContain(11)
  emulator.clearFaults()
  await next.settle()
})
