import { expect, test } from 'vitest'

import { VirtualClock } from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { startEmulator } from './fixture.ts'
import { ready } from './script-client.ts'

test('the same seed gives the same token and session ids, another seed others', async () => {
  const ids: string[] = []
  for (const seed of [1, 1, 2]) {
    const { emulator } = await startEmulator({ seed })
    ids.push(`${emulator.token} ${(await ready(emulator)).sessionId}`)
  }
  expect(ids[0]).toBe(ids[1])
  expect(ids[0]).not.toBe(ids[2])
})

test('traffic runs at its rate on the clock, and stops', async () => {
  const { emulator, clock } = await startEmulator()
  await ready(emulator)
  const before = emulator.report().sent.events
  emulator.traffic.start({ profile: 'A', ratePerSecond: 50 })
  clock.advance(2000)
  const sent = emulator.report().sent.events - before
  expect(sent).toBeGreaterThanOrEqual(98)
  expect(sent).toBeLessThanOrEqual(101)
  emulator.traffic.stop()
  clock.advance(2000)
  expect(emulator.report().sent.events - before).toBe(sent)
})

test.each([
  ['none', false],
  ['zlib-stream', false],
  ['zlib-stream', true],
  ['zstd-stream', true],
])(
  'a blast over %s, armed %s, arrives whole, in order, and other events keep their place',
  async (compress, arm) => {
    const { emulator } = await startEmulator()
    const query = compress === 'none' ? undefined : `v=10&encoding=json&compress=${compress}`
    const client = await ready(emulator, {}, query)
    const batch = emulator.prepare({ count: 1000, seed: 7 })
    const running = emulator.blast(batch, { repeat: 2, arm, mode: 'every-session' })
    emulator.dispatch('USER_UPDATE', {})
    const { events } = await running
    expect(events).toBe(2000)
    await client.settle()
    const sequences = client.received.filter(({ op }) => op === 0).map(({ s }) => s)
    expect(sequences).toEqual(sequences.map((_, index) => index + 1))
    expect(sequences).toHaveLength(1 + 3 + 2000 + 1)
  },
)

test('a routed blast respects shard and intents', async () => {
  const { emulator } = await startEmulator()
  await ready(emulator, { intents: 0, shard: [0, 1] })
  const batch = emulator.prepare({ count: 100 })
  const { events } = await emulator.blast(batch)
  expect(events).toBeLessThan(10)
})

test('TLS serves REST and both listeners', async () => {
  const { emulator } = await startEmulator({ tls: { key, cert } })
  expect(emulator.url).toMatch(/^wss:/)
  expect(emulator.apiUrl).toMatch(/^https:/)
  const client = await ready(emulator)
  expect(client.received[1]?.d.resume_gateway_url).toMatch(/^wss:/)
})

test('waitFor rejects when nothing comes, until sees what holds already', async () => {
  const { emulator } = await startEmulator()
  await expect(emulator.waitFor('identify', undefined, { timeoutMs: 1 })).rejects.toThrow('signal identify')
  await emulator.until(() => true)
})

test('a condition or filter that throws rejects its own wait and harms nobody else', async () => {
  const { emulator } = await startEmulator()
  const waits = Promise.allSettled([emulator.until(mistaken), emulator.waitFor('connection', mistaken)])
  await ready(emulator)
  for (const wait of await waits) expect(wait).toMatchObject({ reason: { message: 'mistake in a test' } })
})

test('a dispatch to something that is no guild is refused by name', async () => {
  const { emulator } = await startEmulator()
  expect(() => emulator.dispatch('MESSAGE_CREATE', { guild_id: 'my guild' })).toThrow(
    'MESSAGE_CREATE names guild "my guild", which is no snowflake',
  )
})

test('the virtual clock fires timers in order, at their own instants, also those set meanwhile', () => {
  const clock = new VirtualClock()
  const fired: string[] = []
  clock.setTimeout(() => fired.push(`b@${clock.now()}`), 20)
  clock.setTimeout(() => {
    fired.push(`a@${clock.now()}`)
    clock.setTimeout(() => fired.push(`c@${clock.now()}`), 10)
  }, 10)
  const cancelled = clock.setTimeout(() => fired.push('never'), 5)
  clock.clearTimeout(cancelled)
  clock.advance(25)
  expect(fired).toEqual(['a@10', 'b@20', 'c@20'])
  expect([clock.now(), clock.pending]).toEqual([25, 0])
})

test('the frame log keeps the newest and counts all', async () => {
  const { emulator } = await startEmulator({ frameLogCap: 2 })
  const client = await ready(emulator)
  for (let beat = 1; beat <= 3; beat++) client.send(1, beat)
  await emulator.until(() => emulator.report().frameCount === 4)
  expect(emulator.report().frames.map(({ data }) => data)).toEqual([2, 3])
})

function mistaken(): never {
  throw new Error('mistake in a test')
}
