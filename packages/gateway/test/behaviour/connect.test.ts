import { describe, expect, test } from 'vitest'

import type { Compression } from '../../src/index.ts'
import { ca, cert, key } from './certificate.ts'
import { expectAllOnce, liveShard, makeShard, Reader, say, startEmulator } from './fixture.ts'

const compressions: readonly Compression[] = ['zstd-stream', 'zlib-stream', 'payload', 'none']
const cases = compressions.flatMap((compression) => [1, 3].map((pieces) => ({ compression, pieces })))

/** Text that no byte boundary may hurt, short and long. */
const contents = Array.from({ length: 40 }, (_, index) => `№ ${index} 🎉 ${'héé'.repeat(index * index * 10)}`)

describe('from the first connection to the last event', () => {
  test.for(cases)('with compression $compression, frames in $pieces', async ({ compression, pieces }) => {
    const emulator = await startEmulator()
    emulator.all.splitFrames(pieces)
    const { shard, reader } = await liveShard(emulator, { compression })
    say(emulator, ...contents)
    await expectAllOnce(emulator, reader)
    expect(reader.contents).toEqual(contents)
    expect(
      reader
        .of('GUILD_CREATE')
        .map(({ data }) => data.id)
        .toSorted(),
    ).toEqual(emulator.world.guildIds.toSorted())

    // A new connection begins with a new context.
    emulator.all.drop()
    say(emulator, 'missed')
    await reader.until(() => reader.contents.includes('missed'))
    await expectAllOnce(emulator, reader)

    const { connections, frames, violations } = emulator.report()
    const transport = compression === 'payload' ? 'none' : compression
    expect(connections.map((connection) => connection.compression)).toEqual([transport, transport])
    const identify = frames.find(({ op }) => op === 2)
    expect(identify?.data).toMatchObject(compression === 'payload' ? { compress: true } : { shard: [0, 1] })
    expect(violations).toEqual([])
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 2, identifies: 1, resumes: 1 } })
  })

  test('over TLS with a private certificate authority', async () => {
    const emulator = await startEmulator({ tls: { key, cert } })
    expect(emulator.url).toMatch(/^wss:/)
    const { reader } = await liveShard(emulator, { tls: { ca } })
    say(emulator, 'secret')
    emulator.all.reset()
    say(emulator, 'kept')
    await reader.until(() => reader.contents.includes('kept'))
    await expectAllOnce(emulator, reader)
    expect(emulator.report().connections.map(({ listener }) => listener)).toEqual(['bootstrap', 'resume'])
  })

  test('an unknown certificate authority is refused, and said so', async () => {
    const emulator = await startEmulator({ tls: { key, cert } })
    const shard = makeShard(emulator)
    const reader = new Reader(shard)
    void shard.start()
    await reader.has('SHARD_DISCONNECTED')
    const [{ data }] = reader.of('SHARD_DISCONNECTED') as [
      ReturnType<typeof reader.of<'SHARD_DISCONNECTED'>>[0],
    ]
    expect(data).toMatchObject({ cause: 'connect-failed', error: { code: 'CONNECT_TLS' } })
    expect(data.error?.message).toContain('certificate')
    expect(emulator.report().connections).toEqual([])
  })
})

test('the life of a shard is told in order', async () => {
  const emulator = await startEmulator({ heartbeatIntervalMs: 5_000 })
  const { shard, reader } = await liveShard(emulator, {
    presence: { status: 'idle', activities: [], since: null, afk: false },
  })
  emulator.all.drop()
  await reader.has('SHARD_CONNECTED', 2)
  await shard.down()
  expect(await reader.ended).toBeUndefined()
  const life = reader.events.filter(({ type }) => type.startsWith('SHARD_'))
  expect(life.map(({ type }) => type)).toEqual([
    'SHARD_CONNECTING',
    'SHARD_IDENTIFYING',
    'SHARD_CONNECTED',
    'SHARD_DISCONNECTED',
    'SHARD_RECONNECTING',
    'SHARD_CONNECTING',
    'SHARD_RESUMING',
    'SHARD_CONNECTED',
    'SHARD_DISCONNECTED',
    'SHARD_CLOSED',
  ])
  const sessionId = reader.of('READY')[0]?.sessionId
  expect(life.map(({ data }) => data)).toMatchObject([
    { url: emulator.url, attempt: 0, resuming: false },
    { presence: true },
    { sessionId, resumed: false, replayed: 0, heartbeatIntervalMs: 5_000 },
    { cause: 'network', code: 1006, willResume: true },
    { attempt: 1, resume: true },
    { url: emulator.resumeUrl, attempt: 1, resuming: true },
    { sessionId },
    { sessionId, resumed: true },
    { cause: 'local', willResume: false },
    { reason: { code: 'CLOSED_LOCALLY' }, unsentCommands: 0 },
  ])
  expect(emulator.report().frames[0]?.data).toMatchObject({ presence: { status: 'idle' } })
})

test('only the events that were asked for are made, and the sequence counts the others', async () => {
  const emulator = await startEmulator()
  const { shard, reader } = await liveShard(emulator, { eventTypes: ['MESSAGE_CREATE'] })
  emulator.dispatch('USER_UPDATE', {})
  say(emulator, 'one')
  emulator.dispatch('USER_UPDATE', {})
  emulator.all.drop()
  say(emulator, 'two')
  await reader.until(() => reader.contents.includes('two'))
  expect(reader.contents).toEqual(['one', 'two'])
  expect(reader.events.every(({ type }) => type === 'MESSAGE_CREATE' || type.startsWith('SHARD_'))).toBe(true)
  const [session] = emulator.report().sessions
  await expect.poll(() => shard.info().sequence).toBe(session?.lastSequence)
  expect(emulator.report().resumes[0]?.replayed).toBeLessThanOrEqual(4)
})

test('events that this version does not know are delivered under their own name', async () => {
  const emulator = await startEmulator()
  const { reader } = await liveShard(emulator)
  emulator.dispatch('SOMETHING_OF_2030', { answer: 42 })
  await expectAllOnce(emulator, reader)
  expect(reader.named('SOMETHING_OF_2030')[0]?.data).toEqual({ answer: 42 })
})
