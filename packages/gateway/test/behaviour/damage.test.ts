import { describe, expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import type { Compression } from '../../src/index.ts'
import { expectAllOnce, liveShard, say, startEmulator, type Reader } from './fixture.ts'

const compressions: readonly Compression[] = ['zstd-stream', 'zlib-stream', 'payload', 'none']
const faults = [
  { name: 'flipped bytes', damage: (emulator: Emulator) => emulator.all.corruptNext() },
  { name: 'half a payload', damage: (emulator: Emulator) => emulator.all.truncateNext() },
]
const cases = compressions.flatMap((compression) => faults.map((fault) => ({ compression, ...fault })))

/** The connection was left for damage, and the session resumed. */
async function expectResumed(emulator: Emulator, reader: Reader): Promise<void> {
  await reader.has('SHARD_CONNECTED', 2)
  await expectAllOnce(emulator, reader)
  const { data } = reader.of('SHARD_DISCONNECTED')[0] ?? {}
  expect(data).toMatchObject({ cause: 'decode', willResume: true })
  expect(data?.error?.code).toMatch(/^DECODE_/)
  expect(emulator.report().identifies).toHaveLength(1)
  expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed' }])
}

describe('damage costs the connection, never an event', () => {
  test.for(cases)('$name under compression $compression', async ({ compression, damage }) => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator, { compression })
    say(emulator, 'before')
    damage(emulator)
    // Long enough to be compressed in every mode; what follows belongs to the same damaged stream.
    say(emulator, 'damaged '.repeat(400), 'behind it')
    await reader.has('MESSAGE_CREATE', 3)
    await expectResumed(emulator, reader)
    expect(reader.contents).toEqual(['before', 'damaged '.repeat(400), 'behind it'])
  })
})

/** What no gateway would send, as text of a whole payload. */
const nonsense: readonly { name: string; payload: string | Uint8Array }[] = [
  { name: 'no JSON', payload: 'hello' },
  { name: 'nothing', payload: '' },
  { name: 'a number', payload: '42' },
  { name: 'null', payload: 'null' },
  { name: 'an array', payload: '[]' },
  { name: 'an object without an opcode', payload: '{}' },
  { name: 'an opcode that is no number', payload: '{"op":"0","d":{}}' },
  { name: 'text behind the payload', payload: '{"t":null,"s":null,"op":11,"d":null} {' },
  { name: 'bytes that are no UTF-8', payload: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  { name: 'a HELLO without an interval', payload: '{"t":null,"s":null,"op":10,"d":{}}' },
  { name: 'a HELLO without data', payload: '{"t":null,"s":null,"op":10,"d":null}' },
]

describe('a payload that makes no sense is taken for damage', () => {
  test.for(nonsense)('$name', async ({ payload }) => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator, { compression: 'none' })
    emulator.all.sendRaw(payload)
    say(emulator, 'and on it goes')
    await expectResumed(emulator, reader)
    expect(reader.contents).toEqual(['and on it goes'])
  })
})

describe('harmless oddities leave the connection alone', () => {
  test.for([
    ['an unknown opcode', '{"t":null,"s":null,"op":77,"d":{"x":1}}'],
    ['an ACK that nobody asked for', '{"t":null,"s":null,"op":11,"d":null}'],
    ['a payload without t and s', '{"op":11}'],
    ['a second HELLO', '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}'],
    ['keys in another order', '{"d":null,"op":11,"s":null,"t":null}'],
    ['a dispatch without a name', '{"op":0,"d":{}}'],
    ['a dispatch without a sequence', '{"t":"X","s":null,"op":0,"d":{}}'],
    ['a dispatch that was here before', '{"t":"MESSAGE_CREATE","s":1,"op":0,"d":{"content":"old"}}'],
    ['a READY in mid-session', '{"t":"READY","s":1,"op":0,"d":{}}'],
    ['a RESUMED in mid-session', '{"t":"RESUMED","s":1,"op":0,"d":{}}'],
  ] as const)('%s', async ([, payload]) => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    emulator.all.sendRaw(payload)
    say(emulator, 'after')
    await reader.has('MESSAGE_CREATE')
    expect(reader.contents).toEqual(['after'])
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 1 } })
    emulator.all.drop()
    await reader.has('SHARD_CONNECTED', 2)
    expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed' }])
  })

  test('a gap in the sequences: the newest counts', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    emulator.all.sendRaw('{"t":"X","s":1000,"op":0,"d":{}}')
    await expect.poll(() => shard.info().sequence).toBe(1_000)
    const heartbeat = emulator.waitFor('heartbeat')
    emulator.all.requestHeartbeat()
    expect((await heartbeat).data).toBe(1_000)
    // The emulator knows better, and says so with 4007: a new session.
    emulator.all.drop()
    await reader.has('SHARD_CONNECTED', 2)
    expect(emulator.report().resumes).toMatchObject([{ outcome: 'invalid-seq' }])
    expect(shard.info().sequence).toBeLessThan(100)
  })
})

test('a message above the limit costs the connection three times, and then the session', async () => {
  const emulator = await startEmulator()
  const { reader } = await liveShard(emulator, { compression: 'none', maxMessageBytes: 100_000 })
  say(emulator, 'x'.repeat(200_000))
  await reader.has('SHARD_CONNECTED', 2)
  const ends = reader.of('SHARD_DISCONNECTED').map(({ data }) => [data.error?.code, data.willResume])
  expect(ends).toEqual([
    ['DECODE_OVERSIZE', true],
    ['DECODE_OVERSIZE', true],
    ['DECODE_OVERSIZE', false],
  ])
})

test('an inflated payload above the limit is found before it is inflated', async () => {
  const emulator = await startEmulator()
  const { reader } = await liveShard(emulator, { compression: 'zstd-stream', maxInflatedBytes: 100_000 })
  say(emulator, 'x'.repeat(10_000_000))
  await reader.has('SHARD_DISCONNECTED')
  expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ error: { code: 'DECODE_OVERSIZE' } })
})

test('data that is no JSON is an error of whoever reads it, and harms nobody else', async () => {
  const emulator = await startEmulator()
  const { shard, reader } = await liveShard(emulator)
  emulator.all.sendRaw('{"t":"BROKEN","s":null,"op":0,"d":{"a":}}')
  say(emulator, 'after')
  await reader.has('MESSAGE_CREATE')
  const [broken] = reader.named('BROKEN')
  expect(() => broken?.data).toThrow(expect.objectContaining({ code: 'DECODE_DATA' }))
  expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 1 } })
})
