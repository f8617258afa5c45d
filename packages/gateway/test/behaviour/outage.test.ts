import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'

import { expectAllOnce, isThreaded, liveShard, makeShard, Reader, say, startEmulator } from './fixture.ts'

describe('an upgrade that is refused is tried again', () => {
  test.for([401, 429, 503, 520])('with status %i', async (status) => {
    const emulator = await startEmulator()
    emulator.all.refuseUpgrade(status, { times: 3 })
    const { reader } = await liveShard(emulator)
    expect(emulator.report().refusedUpgrades).toEqual({ [status]: 3 })
    const refusals = reader.of('SHARD_DISCONNECTED').map(({ data }) => data)
    expect(refusals).toHaveLength(3)
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        cause: 'connect-failed',
        code: 1006,
        error: { code: 'CONNECT_REFUSED', context: { status } },
      })
    }
    // Each wait is longer than the last, up to the cap; threads draw their own jitter.
    const delaysMs = reader.of('SHARD_RECONNECTING').map(({ data }) => data.delayMs)
    expect(delaysMs.map((delayMs, index) => delayMs <= 20 * (index + 1))).toEqual([true, true, true])
    if (!isThreaded) expect(delaysMs).toEqual([10, 20, 30])
    await expectAllOnce(emulator, reader)
  })

  test('not before the time that Retry-After names', async () => {
    const emulator = await startEmulator()
    const server = createServer()
    server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n')
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const shard = makeShard(emulator, { gatewayUrl: `ws://127.0.0.1:${port}` })
    const reader = new Reader(shard)
    void shard.start()
    await reader.has('SHARD_RECONNECTING')
    expect(reader.of('SHARD_RECONNECTING')[0]?.data.delayMs).toBe(7_000)
    await shard.down()
    server.close()
  })
})

describe('the resume host is dead', () => {
  test('the bootstrap URL is tried in turn with it, and resumes', async () => {
    const emulator = await startEmulator()
    emulator.deadResumeHost()
    const { reader } = await liveShard(emulator)
    for (let round = 1; round <= 2; round += 1) {
      emulator.all.drop()
      say(emulator, `missed ${round}`)
      await reader.has('SHARD_CONNECTED', round + 1)
    }
    await expectAllOnce(emulator, reader)
    expect(reader.contents).toEqual(['missed 1', 'missed 2'])
    const { connections, identifies, resumes } = emulator.report()
    expect(resumes.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
    expect(connections.map(({ listener }) => listener)).toEqual(['bootstrap', 'bootstrap', 'bootstrap'])
    expect(identifies).toHaveLength(1)
  })

  test('and dies while the session lives: the session is kept', async () => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator)
    emulator.all.drop()
    await reader.has('SHARD_CONNECTED', 2)
    emulator.deadResumeHost({ closeListener: true })
    emulator.all.drop()
    say(emulator, 'missed')
    await reader.has('SHARD_CONNECTED', 3)
    await expectAllOnce(emulator, reader)
    expect(emulator.report().connections.map(({ listener }) => listener)).toEqual([
      'bootstrap',
      'resume',
      'bootstrap',
    ])
    expect(emulator.report().identifies).toHaveLength(1)
  })

  test('and the session is over: a new one', async () => {
    const emulator = await startEmulator()
    emulator.deadResumeHost()
    const { reader } = await liveShard(emulator, { random: () => 0 })
    emulator.all.expireSession()
    emulator.all.drop()
    await reader.has('SHARD_CONNECTED', 2)
    await expectAllOnce(emulator, reader)
    expect(emulator.report().identifies).toHaveLength(2)
  })
})

describe('an outage of the whole gateway', () => {
  test('costs nothing once it is over, however often it was tried', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    emulator.outage(true)
    emulator.all.drop()
    say(emulator, 'during the outage')
    await emulator.until(() => (emulator.report().refusedUpgrades[503] ?? 0) >= 12)
    expect(shard.info()).toMatchObject({ stats: { identifies: 1 } })
    await expect.poll(() => shard.info().attempt).toBeGreaterThanOrEqual(12)
    emulator.outage(false)
    await reader.has('SHARD_CONNECTED', 2)
    await expectAllOnce(emulator, reader)
    expect(reader.contents).toEqual(['during the outage'])
    expect(emulator.report()).toMatchObject({ identifies: { length: 1 }, violations: [] })
  })

  test('at the start: the shard comes up when it ends', async () => {
    const emulator = await startEmulator()
    emulator.outage(true)
    const shard = makeShard(emulator)
    const reader = new Reader(shard)
    const started = shard.start()
    await emulator.until(() => (emulator.report().refusedUpgrades[503] ?? 0) >= 3)
    emulator.outage(false)
    await started
    await expectAllOnce(emulator, reader)
    expect(emulator.report().identifies).toHaveLength(1)
  })

  test('a shard that waits to reconnect can be stopped, with its session or without', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator, {
      backoff: { baseMs: 600_000, resumeCapMs: 600_000, identifyCapMs: 600_000 },
    })
    emulator.all.drop()
    await reader.has('SHARD_RECONNECTING')
    expect(shard.info().phase).toBe('waiting')
    const session = await shard.downResumable()
    expect(session?.sessionId).toBe(reader.of('READY')[0]?.sessionId)

    const { shard: next } = await liveShard(emulator, session ? { session } : {})
    expect(next.info()).toMatchObject({ stats: { identifies: 0, resumes: 1 } })
    await next.down()
    await emulator.until(() => emulator.report().sessions[0]?.endReason !== null)
    expect(emulator.report().sessions).toMatchObject([{ endReason: 'client closed with 1000' }])
  })
})

describe('a slow network', () => {
  test('HELLO in the segment of the upgrade response is not lost', async () => {
    const emulator = await startEmulator()
    emulator.all.coalesceHello({ times: 2 })
    const { reader } = await liveShard(emulator)
    emulator.all.drop()
    say(emulator, 'missed')
    await reader.has('SHARD_CONNECTED', 2)
    await expectAllOnce(emulator, reader)
    expect(emulator.report().connections).toHaveLength(2)
  })

  test('everything comes late, and in order', async () => {
    const emulator = await startEmulator()
    emulator.all.delay(150)
    const { reader } = await liveShard(emulator)
    say(emulator, 'one', 'two')
    await reader.has('MESSAGE_CREATE', 2)
    emulator.all.reconnect()
    say(emulator, 'three')
    await reader.has('MESSAGE_CREATE', 3)
    await expectAllOnce(emulator, reader)
    expect(emulator.report().violations).toEqual([])
  })
})
