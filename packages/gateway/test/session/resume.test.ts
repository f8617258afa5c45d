import { describe, expect, test } from 'vitest'

import { ConnectError, DecodeError } from '../../src/errors.ts'
import { bootstrapUrl, resumeUrl, SessionHarness, storedSession } from './session-harness.ts'

describe('resume', () => {
  test('a given session resumes on its URL, and RESUMED makes it live', () => {
    const world = new SessionHarness()
    world.session.start(storedSession)
    expect(world.connects[0]?.url).toBe(resumeUrl)
    world.open()
    world.hello()
    expect(world.sent).toMatchObject([{ op: 6, d: { session_id: 'b'.repeat(32), seq: 42 } }])
    world.dispatch('MESSAGE_CREATE', 43)
    world.dispatch('TYPING_START', 44)
    world.dispatch('RESUMED', 45)
    expect(world.session.phase).toBe('live')
    expect(world.lifecycleData('SHARD_CONNECTED')).toMatchObject({ resumed: true, replayed: 2 })
    expect(world.isWaitingForPermit).toBe(false)
  })

  test('what was already here is not delivered again, and the sequence never goes back', () => {
    const world = new SessionHarness()
    world.session.start(storedSession)
    world.open()
    world.hello()
    world.dispatch('MESSAGE_CREATE', 41)
    world.dispatch('MESSAGE_CREATE', 42)
    world.dispatch('MESSAGE_CREATE', 43)
    world.dispatch('RESUMED', 43)
    expect(world.delivered.map((event) => event.sequence)).toEqual([43, 43])
    expect(world.session.current?.sequence).toBe(43)
    expect(world.session.phase).toBe('live')
  })

  test('a dead resume host is passed over in favour of the bootstrap URL, with the session kept', () => {
    const world = new SessionHarness().goLive()
    world.socketClosed()
    for (let failures = 0; failures < 2; failures += 1) {
      world.advance(600_000)
      expect(world.connects.at(-1)?.url).toBe(resumeUrl)
      world.socketClosed(1006, '', new ConnectError('CONNECT_FAILED', 'refused'))
    }
    world.advance(600_000)
    expect(world.connects.at(-1)?.url).toBe(bootstrapUrl)
    world.open()
    world.hello()
    expect(world.sent.at(-1)?.op).toBe(6)
  })

  test('an outage of hours does not cost the session', () => {
    const world = new SessionHarness().goLive()
    world.socketClosed()
    for (let failures = 0; failures < 200; failures += 1) {
      world.advance(60_000)
      if (world.socket === 'connecting')
        world.socketClosed(1006, '', new ConnectError('CONNECT_FAILED', 'refused'))
    }
    world.advance(60_000)
    if (world.socket === 'none') world.advance(60_000)
    world.open()
    world.hello()
    expect(world.session.phase).toBe('resuming')
  })

  test('three resumes that bring nothing end in an identify', () => {
    const world = new SessionHarness().goLive()
    world.socketClosed()
    for (let failures = 0; failures < 3; failures += 1) {
      world.reconnect()
      expect(world.session.phase).toBe('resuming')
      world.socketClosed()
    }
    world.reconnect()
    expect(world.session.phase).toBe('queued')
    expect(world.connects.at(-1)?.url).toBe(bootstrapUrl)
  })

  test('the same undecodable payload three times ends in an identify', () => {
    const world = new SessionHarness().goLive()
    const error = new DecodeError('DECODE_INFLATE', 'broken')
    for (let failures = 0; failures < 3; failures += 1) {
      world.socketClosed(1006, '', error)
      world.reconnect()
      if (failures < 2) world.dispatch('RESUMED', -1)
    }
    expect(world.session.phase).toBe('queued')
  })

  test.for(['http://x', 'ws://plain.test', 'nonsense', null, 7])('resume URL %s falls back', (candidate) => {
    const world = new SessionHarness()
    world.session.start()
    world.open()
    world.hello()
    world.grant()
    world.dispatch('READY', 1, { session_id: 'x', resume_gateway_url: candidate })
    world.socketClosed()
    world.advance(600_000)
    expect(world.connects.at(-1)?.url).toBe(bootstrapUrl)
  })
})
