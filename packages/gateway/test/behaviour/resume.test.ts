import { describe, expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import { expectAllOnce, liveShard, makeShard, Reader, say, startEmulator } from './fixture.ts'

const outcomes = (emulator: Emulator): string[] => emulator.report().resumes.map(({ outcome }) => outcome)

/** The rounds of each: op 9 has to be waited for. */
const rounds = (cause: string): number[] => (cause === 'invalid-session' ? [0] : [0, 1, 2])

/** One fault after which the session goes on, on another socket, with nothing lost. */
const resumable: readonly { name: string; cause: string; fault: (emulator: Emulator) => void }[] = [
  { name: 'TCP ends without a word', cause: 'network', fault: ({ all }) => all.drop() },
  { name: 'TCP is reset', cause: 'network', fault: ({ all }) => all.reset() },
  { name: 'op 7 asks for a reconnect', cause: 'requested', fault: ({ all }) => all.reconnect() },
  {
    name: 'op 7 comes twice, and its close frame behind it',
    cause: 'requested',
    fault: ({ all }) => {
      all.reconnect()
      all.reconnect()
      all.close(1001)
    },
  },
  {
    name: 'op 9 says that the session may be resumed',
    cause: 'invalid-session',
    fault: ({ all }) => all.invalidateSession(true),
  },
  { name: 'a close frame has no code', cause: 'network', fault: ({ all }) => all.close() },
]

describe('a session outlives its connection, with nothing missed and nothing twice, when', () => {
  test.for(resumable)('$name', async ({ cause, fault }) => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator, { random: () => 0 })
    for (const round of rounds(cause)) {
      say(emulator, `before ${round}`)
      fault(emulator)
      say(emulator, `during ${round}`)
      await reader.has('SHARD_CONNECTED', round + 2)
      say(emulator, `after ${round}`)
    }
    await expectAllOnce(emulator, reader)
    const said = rounds(cause).flatMap((round) => [`before ${round}`, `during ${round}`, `after ${round}`])
    expect(reader.contents).toEqual(said)
    expect(reader.of('SHARD_DISCONNECTED').map(({ data }) => data.cause)).toEqual(
      rounds(cause).map(() => cause),
    )
    expect(reader.of('SHARD_DISCONNECTED').every(({ data }) => data.willResume)).toBe(true)

    const { connections, identifies, sessions, violations } = emulator.report()
    expect(outcomes(emulator)).toEqual(rounds(cause).map(() => 'resumed'))
    expect(identifies).toHaveLength(1)
    expect(sessions).toMatchObject([{ endReason: null }])
    expect(connections.map(({ listener }) => listener)).toEqual([
      'bootstrap',
      ...rounds(cause).map(() => 'resume'),
    ])
    expect(violations).toEqual([])
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { identifies: 1 } })
  })

  test('op 7 comes in the middle of a replay', async () => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator)
    emulator.all.drop()
    const missed = Array.from({ length: 60 }, (_, index) => `missed ${index}`)
    say(emulator, ...missed)
    const stop = emulator.on('resume', () => {
      stop()
      // Behind the replay's bytes, and before the client has read any of them.
      emulator.all.reconnect()
    })
    await reader.has('SHARD_CONNECTED', 3)
    say(emulator, 'after')
    await expectAllOnce(emulator, reader)
    expect(reader.contents).toEqual([...missed, 'after'])
    expect(emulator.report().identifies).toHaveLength(1)
  })

  test('the connection breaks again in the middle of a replay', async () => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator, { compression: 'none' })
    emulator.all.drop()
    // More than the kernel takes at once: what it has not taken is lost with the connection.
    const missed = Array.from({ length: 80 }, (_, index) => `${index} ${'x'.repeat(250_000)}`)
    say(emulator, ...missed)
    const stop = emulator.on('resume', () => {
      stop()
      emulator.all.drop()
    })
    await expectAllOnce(emulator, reader)
    expect(reader.contents).toEqual(missed)
    const [first, second] = emulator.report().resumes
    expect(second?.sequence).toBeGreaterThan(first?.sequence ?? Infinity)
    expect(emulator.report().identifies).toHaveLength(1)
  })
})

describe('op 7 in place of HELLO', () => {
  test.for(['before-hello', 'instead-of-hello'] as const)('%s', async (when) => {
    const emulator = await startEmulator()
    emulator.all.reconnect({ when })
    const { reader } = await liveShard(emulator)
    expect(reader.of('SHARD_DISCONNECTED').map(({ data }) => data.cause)).toEqual(['requested'])
    expect(emulator.report().identifies).toHaveLength(1)

    emulator.all.reconnect({ when })
    emulator.all.drop()
    say(emulator, 'missed')
    await reader.until(() => reader.contents.includes('missed'))
    await expectAllOnce(emulator, reader)
    expect(emulator.report().identifies).toHaveLength(1)
    expect(emulator.report().violations).toEqual([])
  })
})

describe('a new session begins when', () => {
  test('op 9 says that the old one is over', async () => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator, { random: () => 0 })
    say(emulator, 'old')
    const identified = emulator.waitFor('identify')
    const beganMs = performance.now()
    emulator.all.invalidateSession(false)
    expect((await identified).outcome).toBe('ready')
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(999)
    await reader.has('SHARD_CONNECTED', 2)
    say(emulator, 'new')
    await expectAllOnce(emulator, reader)
    expect(reader.contents).toEqual(['old', 'new'])
    expect(outcomes(emulator)).toEqual([])
    expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({
      cause: 'invalid-session',
      willResume: false,
    })
    const { connections, sessions, violations } = emulator.report()
    expect(connections.map(({ listener }) => listener)).toEqual(['bootstrap', 'bootstrap'])
    expect(sessions.map(({ endReason }) => endReason)).toEqual(['invalidated', null])
    expect(violations).toEqual([])
  })

  test('op 9 says so and 4003 comes right behind it', async () => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator, { random: () => 0 })
    emulator.all.invalidateSession(false)
    emulator.all.close(4003)
    await reader.has('SHARD_CONNECTED', 2)
    expect(reader.of('SHARD_DISCONNECTED').map(({ data }) => data.cause)).toEqual(['invalid-session'])
    await expectAllOnce(emulator, reader)
  })

  test('the session expired while nobody was connected', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator, { random: () => 0 })
    emulator.all.expireSession()
    emulator.all.drop()
    await reader.has('SHARD_CONNECTED', 2)
    await expectAllOnce(emulator, reader)
    expect(outcomes(emulator)).toEqual(['unknown session'])
    expect(reader.of('READY')).toHaveLength(2)
    expect(shard.info().sessionId).toBe(reader.of('READY')[1]?.sessionId)
  })

  test.for(['invalid-session', 'close-4007'] as const)(
    'more was missed than Discord keeps, which it tells by %s',
    async (resumeTooOld) => {
      const emulator = await startEmulator({ replayCap: 5, switches: { resumeTooOld } })
      const { reader } = await liveShard(emulator, { random: () => 0 })
      emulator.all.drop()
      say(emulator, ...Array.from({ length: 6 }, (_, index) => `lost ${index}`))
      await reader.has('SHARD_CONNECTED', 2)
      say(emulator, 'new')
      await reader.until(() => reader.contents.includes('new'))
      expect(reader.contents).toEqual(['new'])
      const second = reader.of('READY')[1]?.sessionId ?? ''
      expect(reader.sequences(second)[0]).toBe(1)
      expect(emulator.report().violations).toEqual([])
    },
  )

  test('op 9 true comes although there is no session yet', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator, { random: () => 0 })
    const reader = new Reader(shard)
    const stop = emulator.on('connection', () => {
      stop()
      queueMicrotask(() => emulator.all.invalidateSession(true))
    })
    await shard.start()
    await expectAllOnce(emulator, reader)
    expect(outcomes(emulator)).toEqual([])
    expect(emulator.report().identifies.at(-1)?.outcome).toBe('ready')
  })
})

test('a session of another process is resumed with what it missed', async () => {
  const emulator = await startEmulator()
  const { shard: first, reader: before } = await liveShard(emulator)
  say(emulator, 'one')
  await before.until(() => before.contents.includes('one'))
  const session = await first.downResumable()
  expect(session).toMatchObject({ shardId: 0, shardCount: 1, resumeUrl: emulator.resumeUrl })
  say(emulator, 'two')

  const stored: unknown = JSON.parse(JSON.stringify(session))
  const { reader: after } = await liveShard(emulator, { session: stored as NonNullable<typeof session> })
  await after.until(() => after.contents.includes('two'))
  expect(after.of('SHARD_CONNECTED')[0]?.data.resumed).toBe(true)
  const all = [...before.sequences(session?.sessionId ?? ''), ...after.sequences(session?.sessionId ?? '')]
  expect(all).toEqual(
    Array.from({ length: emulator.report().sessions[0]?.lastSequence ?? 0 }, (_, i) => i + 1),
  )
  expect(emulator.report().identifies).toHaveLength(1)
})

test('restart drops the connection and resumes at once', async () => {
  const emulator = await startEmulator()
  const { shard, reader } = await liveShard(emulator)
  shard.restart()
  say(emulator, 'meanwhile')
  await reader.has('SHARD_CONNECTED', 2)
  await expectAllOnce(emulator, reader)
  expect(reader.of('SHARD_RECONNECTING')[0]?.data.delayMs).toBe(0)
  expect(reader.of('SHARD_DISCONNECTED')[0]?.data.cause).toBe('local')
  expect(outcomes(emulator)).toEqual(['resumed'])
})
