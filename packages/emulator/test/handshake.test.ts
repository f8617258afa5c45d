import { expect, test } from 'vitest'

import { rules, startEmulator } from './fixture.ts'
import { greeted, ready, ScriptClient } from './script-client.ts'

test('E1: Hello is the first payload, with the interval and a trace', async () => {
  const { emulator } = await startEmulator({ heartbeatIntervalMs: 12_345 })
  const client = new ScriptClient(emulator.url)
  const hello = await client.next(10)
  expect(client.received).toHaveLength(1)
  expect(hello.d.heartbeat_interval).toBe(12_345)
  expect(hello.d).toHaveProperty('_trace.length', 1)
})

test('E1: op 7 can come before Hello, and instead of it', async () => {
  const { emulator, clock } = await startEmulator()
  emulator.all.reconnect({ when: 'before-hello' })
  emulator.all.reconnect({ when: 'instead-of-hello' })
  const before = new ScriptClient(emulator.url)
  await before.next(10)
  expect(before.names()).toEqual([7, 10])
  const instead = new ScriptClient(emulator.url)
  await instead.next(7)
  await instead.settle()
  expect(instead.names()).toEqual([7, 11])
  clock.advance(5000)
  expect((await instead.closed).code).toBe(1001)
})

test.each(['5', '11', 'x'])('E2: v=%s closes with 4012', async (version) => {
  const { emulator } = await startEmulator()
  const client = new ScriptClient(emulator.url, `v=${version}&encoding=json`)
  expect(await client.closed).toEqual({
    code: 4012,
    reason: 'Requested gateway version is no longer supported or invalid',
  })
  expect(client.received).toEqual([])
  expect(rules(emulator)).toEqual(['version'])
})

test('E2: a switch refuses a bad version with HTTP 400', async () => {
  const { emulator } = await startEmulator({ switches: { badVersion: 'http-400' } })
  await expect(new ScriptClient(emulator.url, 'v=5').opened).rejects.toThrow('400')
})

test.each(['encoding=xml', 'encoding=etf&compress=brotli', 'encoding=json&compress=brotli'])(
  'E3: %s is refused with HTTP 400',
  async (query) => {
    const { emulator } = await startEmulator()
    await expect(new ScriptClient(emulator.url, `v=10&${query}`).opened).rejects.toThrow('400')
    expect(rules(emulator)).toEqual(['query'])
    expect(emulator.report().refusedUpgrades).toEqual({ 400: 1 })
  },
)

test('E3: a switch ignores unknown query values', async () => {
  const { emulator } = await startEmulator({ switches: { badQuery: 'ignore' } })
  await greeted(emulator, 'v=10&encoding=json&compress=brotli')
  expect(emulator.report().connections[0]?.compression).toBe('none')
})

test('without v the version is 6', async () => {
  const { emulator } = await startEmulator()
  await greeted(emulator, 'encoding=json')
  expect(emulator.report().connections[0]?.version).toBe('6')
})

test('E39: the resume URL is another port, and the report tells which one a socket used', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const resumeUrl: string = client.received[1]?.d.resume_gateway_url
  expect(resumeUrl).toBe(emulator.resumeUrl)
  expect(new URL(resumeUrl).port).not.toBe(new URL(emulator.url).port)
  await greeted(emulator, undefined, resumeUrl)
  expect(emulator.report().connections.map(({ listener }) => listener)).toEqual(['bootstrap', 'resume'])
})

test('permessage-deflate is not negotiated', async () => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  expect(client.socket.extensions).toBe('')
})
