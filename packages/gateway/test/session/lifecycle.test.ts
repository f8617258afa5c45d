import { describe, expect, test } from 'vitest'

import { ConfigError, FatalCloseError } from '../../src/errors.ts'
import { bootstrapUrl, heartbeatMs, resumeUrl, SessionHarness, storedSession } from './session-harness.ts'

describe('identify', () => {
  test('HELLO asks for a permit, the permit sends IDENTIFY, READY makes the session live', () => {
    const world = new SessionHarness()
    world.session.start()
    expect(world.connects).toEqual([{ atMs: 1_000_000, url: bootstrapUrl }])
    world.open()
    world.hello()
    expect(world.session.phase).toBe('queued')
    expect(world.sent).toEqual([])
    world.grant()
    expect(world.permitsSpent).toBe(1)
    expect(world.sent[0]?.op).toBe(2)
    expect(world.sent[0]?.d).toMatchObject({ token: 'token', shard: [0, 1], intents: 1, large_threshold: 50 })
    world.ready()
    expect(world.session.phase).toBe('live')
    expect(world.session.current).toMatchObject({ sessionId: 'a'.repeat(32), sequence: 1, resumeUrl })
    expect(world.lifecycleNames).toEqual(['SHARD_CONNECTING', 'SHARD_IDENTIFYING', 'SHARD_CONNECTED'])
    expect(world.delivered.map((event) => event.type)).toEqual(['READY'])
  })

  test('a disconnect while queued gives up the place, and a late permit goes back unspent', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.hello()
    world.socketClosed(1006)
    expect(world.isWaitingForPermit).toBe(false)
    world.session.granted(world.permit())
    expect([world.permitsSpent, world.permitsReleased]).toEqual([0, 1])
    expect(world.sent).toEqual([])
  })

  test('a permit that comes when the peer is closing the connection goes back unspent', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.hello()
    world.isPeerClosing = true
    world.grant()
    expect([world.permitsSpent, world.permitsReleased]).toEqual([0, 1])
    world.socketClosed(1001)
    world.reconnect()
    world.grant()
    expect(world.permitsSpent).toBe(1)
    expect(world.opsSent()).toContain(2)
  })

  test('an identify larger than 4096 bytes is refused before anything connects', () => {
    const activities = [{ name: 'x'.repeat(5_000), type: 0 }]
    const presence = { since: null, activities, status: 'online', afk: false } as never
    expect(() => new SessionHarness({ presence })).toThrow(ConfigError)
  })

  test('the newest presence is the one that the next identify carries', () => {
    const world = new SessionHarness().goLive()
    const presence = { since: null, activities: [], status: 'idle', afk: false } as never
    world.session.setPresence(presence)
    world.socketClosed(4009)
    world.reconnect()
    world.grant()
    expect(world.sent.at(-1)?.d).toMatchObject({ presence })
  })
})

describe('deadlines', () => {
  test.for([
    ['HELLO', 20_000, (world: SessionHarness) => world.open()],
    [
      'READY',
      30_000,
      (world: SessionHarness) => {
        world.open()
        world.hello()
        world.grant()
      },
    ],
  ] as const)('%s does not come: the socket is dropped and another opened', ([, deadlineMs, prepare]) => {
    const world = new SessionHarness()
    world.session.start()
    prepare(world)
    world.advance(deadlineMs - 1)
    expect(world.closes).toEqual([])
    world.advance(1)
    expect(world.closes).toEqual(['terminate'])
    world.socketClosed()
    expect(world.lifecycleData('SHARD_DISCONNECTED').cause).toBe('timeout')
    world.advance(1_000)
    expect(world.connects).toHaveLength(2)
  })

  test('a replay that moves never times out, one that stands still does', () => {
    const world = new SessionHarness()
    world.session.start(storedSession)
    world.open()
    world.hello()
    const waitAndAcknowledge = (ms: number): void => {
      for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 10_000) {
        world.advance(10_000)
        if (world.socket === 'open') world.payload(11, null)
      }
    }
    for (let sequence = 43; sequence < 53; sequence += 1) {
      waitAndAcknowledge(50_000)
      world.dispatch('MESSAGE_CREATE', sequence)
    }
    expect(world.session.phase).toBe('resuming')
    waitAndAcknowledge(120_000)
    expect(world.closes).toEqual(['terminate'])
  })
})

describe('close codes', () => {
  test.for([4004, 4010, 4011, 4012, 4013, 4014])('%i is fatal: the shard stops with its reason', (code) => {
    const world = new SessionHarness().goLive()
    world.socketClosed(code, 'because')
    expect(world.session.phase).toBe('stopped')
    expect(world.stoppedWith).toBeInstanceOf(FatalCloseError)
    expect(world.stoppedWith?.message).toContain(String(code))
    world.advance(3_600_000)
    expect(world.connects).toHaveLength(1)
  })

  test.for([4003, 4007, 4009, 4006])('%i voids the session: a new one at once', (code) => {
    const world = new SessionHarness().goLive()
    world.socketClosed(code)
    world.advance(0)
    expect(world.connects.at(-1)).toEqual({ atMs: world.nowMs, url: bootstrapUrl })
    world.open()
    world.hello()
    expect(world.session.phase).toBe('queued')
  })

  test.for([1000, 1001, 1006, 4000, 4001, 4002, 4005, 4008, 4999, 3123])('%i resumes', (code) => {
    const world = new SessionHarness().goLive()
    world.dispatch('MESSAGE_CREATE', 7)
    world.socketClosed(code)
    world.reconnect()
    expect(world.connects.at(-1)?.url).toBe(resumeUrl)
    expect(world.sent.at(-1)).toMatchObject({
      op: 6,
      d: { token: 'token', session_id: 'a'.repeat(32), seq: 7 },
    })
  })
})

describe('op 7 and op 9', () => {
  test('op 7 closes with a resumable code and resumes', () => {
    const world = new SessionHarness().goLive()
    world.payload(7, null)
    expect(world.closes).toEqual([4900])
    world.socketClosed(4900)
    world.reconnect()
    expect(world.session.phase).toBe('resuming')
  })

  test('op 7 before HELLO and twice', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.payload(7, null)
    world.payload(7, null)
    expect(world.closes).toEqual([4900])
    world.socketClosed(4900)
    world.reconnect()
    expect(world.session.phase).toBe('queued')
  })

  test('op 9 false forgets the session and waits one to five seconds', () => {
    const world = new SessionHarness().goLive()
    world.randomValue = 0
    world.payload(9, false)
    world.socketClosed(4900)
    world.advance(999)
    expect(world.connects).toHaveLength(1)
    world.advance(1)
    expect(world.connects.at(-1)?.url).toBe(bootstrapUrl)
    world.open()
    world.hello()
    expect(world.session.phase).toBe('queued')
  })

  test('op 9 true resumes after the wait', () => {
    const world = new SessionHarness().goLive()
    world.randomValue = 0.999
    world.payload(9, true)
    world.socketClosed(4900)
    world.advance(4_990)
    expect(world.connects).toHaveLength(1)
    world.advance(10)
    world.open()
    world.hello()
    expect(world.sent.at(-1)?.op).toBe(6)
  })

  test('op 9 true without a session identifies', () => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.hello()
    world.payload(9, true)
    world.socketClosed(4900)
    world.reconnect()
    expect(world.session.phase).toBe('queued')
  })

  test('nothing is sent after op 9', () => {
    const world = new SessionHarness().goLive()
    const before = world.sent.length
    world.payload(9, true)
    world.payload(1, null)
    world.session.outbox.queue.push({
      op: 4,
      payload: '{"op":4}',
      isPresence: false,
      sent: () => {},
      failed: () => {},
    })
    world.session.commandQueued()
    world.advance(4_000)
    expect(world.sent).toHaveLength(before)
  })
})

describe('backoff', () => {
  test('a session that becomes ready and dies, again and again, waits longer and longer', () => {
    const world = new SessionHarness().goLive()
    const waits: number[] = []
    for (let round = 0; round < 12; round += 1) {
      world.socketClosed(4009)
      waits.push(world.lifecycleData('SHARD_RECONNECTING').delayMs)
      world.advance(600_000)
      world.open()
      world.hello()
      world.grant()
      world.ready()
    }
    expect(waits[0]).toBe(0)
    expect(waits[5]).toBe(16_000)
    expect(waits.at(-1)).toBe(240_000)
  })

  test('a stable period starts it over', () => {
    const world = new SessionHarness().goLive()
    for (let round = 0; round < 5; round += 1) {
      world.socketClosed()
      world.reconnect()
      world.dispatch('RESUMED', 2 + round)
    }
    expect(world.lifecycleData('SHARD_RECONNECTING').delayMs).toBeGreaterThan(4_000)
    world.advance(30_000)
    world.payload(11, null)
    world.advance(30_000)
    world.socketClosed()
    expect(world.lifecycleData('SHARD_RECONNECTING').delayMs).toBe(500)
  })
})

describe('stop', () => {
  test('ends a live session with 1000 and waits for the socket', () => {
    const world = new SessionHarness().goLive()
    world.session.stop('end')
    expect(world.closes).toEqual([1000])
    expect(world.stoppedWith).toBeUndefined()
    world.socketClosed(1000)
    expect(world.stoppedWith?.code).toBe('CLOSED_LOCALLY')
    expect(world.session.current).toBeUndefined()
  })

  test('resumable keeps the session and counts what still arrives', () => {
    const world = new SessionHarness().goLive()
    world.session.stop('resumable')
    world.dispatch('MESSAGE_CREATE', 2)
    expect(world.closes).toEqual([4900])
    world.socketClosed(1006)
    expect(world.session.current).toMatchObject({ sequence: 2 })
  })

  test.for([
    'idle',
    'connecting',
    'opened',
    'queued',
    'identifying',
    'resuming',
    'waiting',
    'closing',
  ] as const)('in phase %s', (phase) => {
    const world = new SessionHarness()
    if (phase !== 'idle') world.session.start(phase === 'resuming' ? storedSession : undefined)
    if (phase !== 'idle' && phase !== 'connecting') world.open()
    if (phase === 'waiting') world.socketClosed()
    if (phase === 'closing') world.payload(7, null)
    if (phase === 'queued' || phase === 'identifying' || phase === 'resuming') world.hello()
    if (phase === 'identifying') world.grant()
    expect(world.session.phase).toBe(phase)
    world.session.stop('end')
    if (world.socket !== 'none') world.socketClosed(1006)
    expect(world.session.phase).toBe('stopped')
    expect(world.isWaitingForPermit).toBe(false)
    world.advance(3_600_000)
    expect(world.connects.length).toBeLessThanOrEqual(1)
  })
})

test('what was stopped before it began does not begin', () => {
  const world = new SessionHarness()
  world.session.stop('end')
  world.session.start()
  expect(world.session.phase).toBe('stopped')
  expect(world.connects).toEqual([])
})

test('unknown opcodes are ignored', () => {
  const world = new SessionHarness().goLive()
  world.payload(99, { anything: 1 })
  expect(world.session.phase).toBe('live')
})

test('a HELLO without an interval drops the connection instead of crashing', () => {
  const world = new SessionHarness()
  world.session.start()
  world.open()
  world.payload(10, { heartbeat_interval: 'soon' })
  expect(world.closes).toEqual([4900])
})

test('dispatches without a sequence are delivered and change nothing', () => {
  const world = new SessionHarness().goLive()
  world.dispatch('CHANNEL_TOPIC_UPDATE', -1)
  world.dispatch('X', 0)
  expect(world.delivered.map((event) => event.type)).toEqual(['READY', 'CHANNEL_TOPIC_UPDATE', 'X'])
  expect(world.session.current?.sequence).toBe(1)
})

test('restart resumes at once', () => {
  const world = new SessionHarness().goLive()
  world.session.restart()
  world.socketClosed(4900)
  world.advance(0)
  expect(world.connects).toHaveLength(2)
  world.open()
  world.payload(10, { heartbeat_interval: heartbeatMs })
  expect(world.session.phase).toBe('resuming')
})
