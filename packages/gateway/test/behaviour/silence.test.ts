import { describe, expect, test } from 'vitest'

import { expectAllOnce, liveShard, makeShard, Reader, say, startEmulator, testHere } from './fixture.ts'

/** Long enough for a busy machine to beat in time, short enough not to wait for. */
const heartbeatIntervalMs = 400

describe('a connection that is dead without saying so', () => {
  test.for(['none', 'zstd-stream'] as const)(
    'with compression %s: it is dropped and resumed without waiting for the peer',
    async (compression) => {
      const emulator = await startEmulator({ heartbeatIntervalMs, heartbeatGrace: 100 })
      // Whoever waits for an answer to a close frame would wait longer than this test.
      const { reader } = await liveShard(emulator, { compression, timeouts: { closeMs: 600_000 } })
      emulator.all.freeze()
      say(emulator, 'into the void')
      await reader.has('SHARD_CONNECTED', 2)
      expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({
        cause: 'zombie',
        code: 1006,
        willResume: true,
        error: { code: 'TIMEOUT_HEARTBEAT' },
      })
      await expectAllOnce(emulator, reader)
      expect(reader.contents).toEqual(['into the void'])
      expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed' }])
      expect(emulator.report().identifies).toHaveLength(1)
    },
  )

  test('a shard can be stopped while its connection is dead', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator, { timeouts: { closeMs: 50 } })
    emulator.all.freeze()
    await shard.down()
    expect(await reader.ended).toBeUndefined()
    expect(shard.info().phase).toBe('stopped')
  })
})

describe('heartbeats without an answer', () => {
  test('while events flow, two intervals are waited for an ACK, and no more', async () => {
    const emulator = await startEmulator({ heartbeatIntervalMs, heartbeatGrace: 100 })
    emulator.all.withholdAcks()
    emulator.traffic.start({ profile: 'A', ratePerSecond: 200 })
    const { reader } = await liveShard(emulator)
    await reader.has('SHARD_DISCONNECTED')
    emulator.clearFaults()
    expect(reader.of('SHARD_DISCONNECTED')[0]?.data.cause).toBe('zombie')
    await emulator.until(() => emulator.report().connections[0]?.closedAtMs !== null)
    const { connections, frames } = emulator.report()
    const [connection] = connections
    const beats = frames.filter((frame) => frame.connection === connection?.id && frame.op === 1)
    expect(beats.length).toBeGreaterThanOrEqual(2)
    const waitedMs = (connection?.closedAtMs ?? 0) - (beats[0]?.atMs ?? 0)
    expect(waitedMs).toBeGreaterThanOrEqual(1.9 * heartbeatIntervalMs)
    emulator.traffic.stop()
    await reader.has('SHARD_CONNECTED', 2)
    await expectAllOnce(emulator, reader)
  })

  test('ACKs that come late, behind other data, cost no connection', async () => {
    const emulator = await startEmulator({ heartbeatIntervalMs, heartbeatGrace: 100 })
    const { shard, reader } = await liveShard(emulator)
    emulator.all.delay(heartbeatIntervalMs * 0.9)
    for (let beat = 0; beat < 5; beat += 1) await emulator.waitFor('heartbeat')
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 1 } })
    await expect.poll(() => shard.info().latency.averageMs).toBeGreaterThan(100)
    await expectAllOnce(emulator, reader)
  })

  const blockedToo =
    'threads would go on, but the emulator is blocked, too; see test/shard/thread/blocked.test.ts'
  testHere(blockedToo, 'a process that was blocked for many intervals goes on where it was', async () => {
    const emulator = await startEmulator({ heartbeatIntervalMs, heartbeatGrace: 100 })
    const { shard, reader } = await liveShard(emulator)
    await emulator.waitFor('heartbeat')
    const blockedUntilMs = performance.now() + 5 * heartbeatIntervalMs
    while (performance.now() < blockedUntilMs);
    for (let beat = 0; beat < 2; beat += 1) await emulator.waitFor('heartbeat')
    say(emulator, 'still here')
    await reader.has('MESSAGE_CREATE')
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 1 } })
  })

  test('op 1 is answered at once, with the last sequence', async () => {
    const emulator = await startEmulator()
    const { shard } = await liveShard(emulator)
    await expect.poll(() => shard.info().sequence).toBe(emulator.report().sessions[0]?.lastSequence)
    const heartbeat = emulator.waitFor('heartbeat')
    emulator.all.requestHeartbeat()
    expect((await heartbeat).data).toBe(emulator.report().sessions[0]?.lastSequence)
    await expect.poll(() => shard.info().latency.recentMs.length).toBe(1)
  })

  test('they go on while the shard waits in the identify queue', async () => {
    const emulator = await startEmulator({ heartbeatIntervalMs, heartbeatGrace: 100 })
    const shard = makeShard(emulator, {
      identifyQueue: { acquire: () => Promise.withResolvers<never>().promise },
    })
    void shard.start()
    for (let beat = 0; beat < 4; beat += 1) {
      expect((await emulator.waitFor('heartbeat')).data).toBeNull()
    }
    expect(shard.info()).toMatchObject({ phase: 'queued', stats: { connects: 1 } })
  })
})

describe('a gateway that does not answer', () => {
  test('no HELLO: the next connection gets it', async () => {
    const emulator = await startEmulator()
    emulator.all.withholdHello({ times: 2 })
    const { reader } = await liveShard(emulator, { timeouts: { helloMs: 100 } })
    const ends = reader.of('SHARD_DISCONNECTED').map(({ data }) => [data.cause, data.error?.code])
    expect(ends).toEqual([
      ['timeout', 'TIMEOUT_HELLO'],
      ['timeout', 'TIMEOUT_HELLO'],
    ])
    await expectAllOnce(emulator, reader)
  })

  test('no READY: identify is sent again on a new connection', async () => {
    const emulator = await startEmulator()
    emulator.outage({ upgradeStatus: undefined, answer: 'silence' })
    const shard = makeShard(emulator, { timeouts: { readyMs: 100 } })
    const reader = new Reader(shard)
    const started = shard.start()
    await reader.has('SHARD_IDENTIFYING', 2)
    expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ error: { code: 'TIMEOUT_READY' } })
    emulator.outage(false)
    await started
    await expectAllOnce(emulator, reader)
  })

  test('no answer to a resume: tried again, and the session is kept', async () => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator, { timeouts: { resumedMs: 150 } })
    emulator.outage({ upgradeStatus: undefined, answer: 'silence' })
    emulator.all.drop()
    say(emulator, 'kept')
    await reader.has('SHARD_RESUMING', 2)
    emulator.outage(false)
    await reader.has('SHARD_CONNECTED', 2)
    expect(reader.of('SHARD_DISCONNECTED')[1]?.data).toMatchObject({ error: { code: 'TIMEOUT_RESUMED' } })
    await expectAllOnce(emulator, reader)
    expect(emulator.report().identifies).toHaveLength(1)
  })

  test('no answer to the upgrade', async () => {
    const emulator = await startEmulator()
    const { createServer } = await import('node:net')
    const silent = createServer()
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve)
    })
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const shard = makeShard(emulator, { gatewayUrl: `ws://127.0.0.1:${port}`, timeouts: { connectMs: 100 } })
    const reader = new Reader(shard)
    void shard.start()
    await reader.has('SHARD_DISCONNECTED', 2)
    expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({
      cause: 'connect-failed',
      error: { code: 'TIMEOUT_CONNECT' },
    })
    await shard.down()
    silent.close()
  })
})
