import { describe, expect, test } from 'vitest'

import { heartbeatMs, SessionHarness } from './session-harness.ts'

const beats = (world: SessionHarness): number[] =>
  world.sent.filter((payload) => payload.op === 1).map((payload) => payload.atMs)

describe('beats', () => {
  test('the first falls at a random point of the interval, then one every interval', () => {
    const world = new SessionHarness().goLive()
    const startMs = world.nowMs
    for (let round = 0; round < 5; round += 1) {
      world.advance(heartbeatMs)
      world.payload(11, null)
    }
    const first = startMs + heartbeatMs / 2
    expect(beats(world)).toEqual([0, 1, 2, 3, 4].map((index) => first + index * heartbeatMs))
  })

  test('they carry null before the first dispatch and the last sequence after it', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.hello()
    world.advance(heartbeatMs)
    expect(world.sent.at(-1)).toMatchObject({ op: 1, d: null })
    world.payload(11, null)
    world.grant()
    world.ready()
    world.dispatch('MESSAGE_CREATE', 9)
    world.payload(1, null)
    expect(world.sent.at(-1)).toMatchObject({ op: 1, d: 9 })
  })

  test('op 1 is answered at once, even before HELLO', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.payload(1, null)
    expect(world.sent).toMatchObject([{ op: 1, d: null, atMs: world.nowMs }])
  })

  test('a flood of op 1 never takes the places of regular beats', () => {
    const world = new SessionHarness().goLive()
    for (let request = 0; request < 500; request += 1) world.payload(1, null)
    const burst = world.sent.length
    expect(burst).toBeLessThanOrEqual(118)
    for (let elapsedMs = 0; elapsedMs < 180_000; elapsedMs += 1_000) {
      world.advance(1_000)
      world.payload(11, null)
    }
    const gaps = beats(world).map((atMs, index, all) => atMs - (all[index - 1] ?? atMs))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(heartbeatMs)
  })
})

describe('zombies', () => {
  test('silence after a beat: dropped without a close frame at the next beat plus a short grace', () => {
    const world = new SessionHarness().goLive()
    world.advance(heartbeatMs / 2 + heartbeatMs + 999)
    expect(world.closes).toEqual([])
    world.advance(1)
    expect(world.closes).toEqual(['terminate'])
    world.socketClosed()
    expect(world.lifecycleData('SHARD_DISCONNECTED').cause).toBe('zombie')
    world.reconnect()
    expect(world.session.phase).toBe('resuming')
  })

  test('other frames count as life while ACKs queue behind them, but not for ever', () => {
    const world = new SessionHarness().goLive()
    let sequence = 1
    while (world.closes.length === 0 && world.nowMs < 2_000_000) {
      world.advance(5_000)
      world.dispatch('GUILD_CREATE', (sequence += 1))
    }
    const first = beats(world)[0] ?? 0
    expect(world.nowMs - first).toBeGreaterThanOrEqual(2 * heartbeatMs)
    expect(world.nowMs - first).toBeLessThan(3 * heartbeatMs)
  })

  test('a frame within the grace clears the suspicion', () => {
    const world = new SessionHarness().goLive()
    world.advance(heartbeatMs / 2 + heartbeatMs + 500)
    world.payload(11, null)
    world.advance(heartbeatMs - 1_000)
    expect(world.closes).toEqual([])
  })

  test('an interval shorter than the grace does not put the verdict off', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.payload(10, { heartbeat_interval: 400 })
    world.advance(200 + 400 + 1_000)
    expect(world.closes).toEqual(['terminate'])
  })

  test('after a sleep of minutes the gateway gets ten seconds to answer', () => {
    const world = new SessionHarness().goLive()
    world.nowMs += 600_000
    world.session.tick()
    expect(world.closes).toEqual([])
    world.advance(9_999)
    expect(world.closes).toEqual([])
    world.advance(1)
    expect(world.closes).toEqual(['terminate'])
  })

  test('after a sleep that the connection survived nothing happens', () => {
    const world = new SessionHarness().goLive()
    world.nowMs += 600_000
    world.session.tick()
    world.payload(11, null)
    world.advance(heartbeatMs - 1)
    expect(world.closes).toEqual([])
  })

  test('nothing is concluded while we do not read, and beats go on', () => {
    const world = new SessionHarness().goLive()
    world.session.paused(true)
    world.advance(20 * heartbeatMs)
    expect(world.closes).toEqual([])
    expect(beats(world)).toHaveLength(20)
    world.session.paused(false)
    world.advance(heartbeatMs)
    expect(world.closes).toEqual([])
    world.advance(heartbeatMs + 1_000)
    expect(world.closes).toEqual(['terminate'])
  })
})

describe('latency', () => {
  test('averages over the connection, keeps the last five newest first, ignores unrequested ACKs', () => {
    const world = new SessionHarness().goLive()
    world.payload(11, null)
    expect(world.session.heartbeat.latency.averageMs).toBeUndefined()
    for (const delay of [10, 20, 30, 40, 50, 60]) {
      world.payload(1, null)
      world.advance(delay)
      world.payload(11, null)
      world.payload(11, null)
    }
    expect(world.session.heartbeat.latency.averageMs).toBeCloseTo(35)
    expect(world.session.heartbeat.latency.recentMs).toEqual([60, 50, 40, 30, 20])
  })

  test('starts over with each connection', () => {
    const world = new SessionHarness().goLive()
    world.payload(1, null)
    world.payload(11, null)
    world.socketClosed()
    world.reconnect()
    expect(world.session.heartbeat.latency.averageMs).toBeUndefined()
  })
})
