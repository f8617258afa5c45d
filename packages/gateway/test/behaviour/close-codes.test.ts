import { describe, expect, test } from 'vitest'

import { FatalCloseError, GatewayError } from '../../src/index.ts'
import { expectAllOnce, liveShard, makeShard, Reader, say, startEmulator } from './fixture.ts'

/** What each code means, written down a second time: from Discord's documentation, not from our table. */
const fatal = [4004, 4010, 4011, 4012, 4013, 4014]
const newSession = [4003, 4006, 4007, 4009]
const resume = [1000, 1001, 1011, 1012, 1013, 3000, 4000, 4001, 4002, 4005, 4008, 4015, 4242, 4999]
/** Codes that must not stand in a close frame: the frame itself is broken. */
const forbidden = [1004, 1005, 1006, 1015, 999, 2999, 5000, 65_535]

test.for(fatal)('%i is fatal: the stream throws it, and nothing connects any more', async (code) => {
  const emulator = await startEmulator()
  const { shard, reader } = await liveShard(emulator)
  say(emulator, 'last words')
  emulator.all.close(code, 'a reason')
  const error = await reader.ended
  expect(error).toBeInstanceOf(FatalCloseError)
  expect(error).toMatchObject({ code: 'CLOSED_FATAL', closeCode: code, context: { closeCode: code } })
  expect((error as Error).message).toContain(`${code}`)
  expect((error as Error).message).toContain('a reason')
  expect(await shard.closed).toBe(error)
  expect(reader.contents).toEqual(['last words'])
  expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ code, willResume: false, error })
  expect(reader.of('SHARD_CLOSED')[0]?.data.reason).toBe(error)
  expect(shard.info()).toMatchObject({ phase: 'stopped', stats: { connects: 1 } })
  expect(shard.session).toBeUndefined()
  // Whoever comes late is told the same.
  await expect(shard[Symbol.asyncIterator]().next()).rejects.toBe(error)
})

test.for(newSession)('%i voids the session: a new one at once', async (code) => {
  const emulator = await startEmulator()
  const { reader } = await liveShard(emulator)
  say(emulator, 'old')
  emulator.all.close(code)
  await reader.has('SHARD_CONNECTED', 2)
  say(emulator, 'new')
  await reader.until(() => reader.contents.length === 2)
  expect(reader.of('SHARD_RECONNECTING')[0]?.data).toMatchObject({ delayMs: 0, resume: false })
  const { connections, identifies, resumes, violations } = emulator.report()
  expect(connections.map(({ listener }) => listener)).toEqual(['bootstrap', 'bootstrap'])
  expect([identifies.length, resumes.length]).toEqual([2, 0])
  expect(violations).toEqual([])
})

test.for(resume)('%i resumes', async (code) => {
  const emulator = await startEmulator()
  const { reader } = await liveShard(emulator)
  emulator.all.close(code, 'why not')
  say(emulator, 'meanwhile')
  await reader.has('SHARD_CONNECTED', 2)
  await expectAllOnce(emulator, reader)
  expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({
    cause: 'close-code',
    code,
    reason: 'why not',
    willResume: true,
  })
  expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed' }])
  expect(emulator.report().identifies).toHaveLength(1)
})

test.for(forbidden)('%i in a close frame is taken for damage, and resumed', async (code) => {
  const emulator = await startEmulator()
  const { reader } = await liveShard(emulator)
  emulator.all.close(code)
  await reader.has('SHARD_CONNECTED', 2)
  await expectAllOnce(emulator, reader)
  expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ code: 1006, willResume: true })
  expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed' }])
})

describe('a fatal code at the start', () => {
  test.for([
    ['a wrong token', { token: 'wrong.token' }, 4004],
    ['intents that do not exist', { intents: 1 << 30 }, 4013],
    ['a shard count that large bots must not choose', { shard: [0, 3] }, 4010],
  ] as const)('%s: start rejects, and so does the stream', async ([, options, code]) => {
    const emulator = await startEmulator({ shardCountBase: 2 })
    const shard = makeShard(emulator, { shard: [0, 2], ...options })
    const reader = new Reader(shard)
    const error: unknown = await shard.start().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FatalCloseError)
    expect(GatewayError.isGatewayError(error)).toBe(true)
    expect(error).toMatchObject({ closeCode: code })
    expect(await reader.ended).toBe(error)
    expect(emulator.report().connections).toHaveLength(1)
  })

  test('disallowed intents, and nobody who reads or awaits: nothing is left unhandled', async () => {
    const emulator = await startEmulator({ privilegedIntents: 0 })
    const shard = makeShard(emulator)
    void shard.start()
    expect(await shard.closed).toMatchObject({ closeCode: 4014 })
    await expect(shard.command({ op: 31, d: { guild_ids: [] } })).rejects.toMatchObject({ closeCode: 4014 })
  })
})

test('a token that is revoked ends in 4004, by way of op 9', async () => {
  const emulator = await startEmulator({
    sessionStartLimit: { total: 1 },
    switches: { startLimitExhausted: 'reset-token' },
  })
  const { reader } = await liveShard(emulator, { random: () => 0 })
  emulator.all.close(4009)
  expect(await reader.ended).toMatchObject({ closeCode: 4004 })
})
