import { describe, expect, test } from 'vitest'

import { CommandError } from '../../src/errors.ts'
import { SlidingWindow } from '../../src/session/sliding-window.ts'
import { SessionHarness } from './session-harness.ts'

interface Outcome {
  sent: number
  failed: unknown[]
}

function push(
  world: SessionHarness,
  op: number,
  d: unknown = {},
  outcome: Outcome = { sent: 0, failed: [] },
): Outcome {
  world.session.outbox.queue.push({
    op,
    payload: JSON.stringify({ op, d }),
    isPresence: op === 3,
    sent: () => (outcome.sent += 1),
    failed: (error) => outcome.failed.push(error),
  })
  world.session.commandQueued()
  return outcome
}

/** The most sends that any window of this length holds, whatever its start. */
function densest(times: readonly number[], windowMs: number): number {
  let most = 0
  let start = 0
  times.forEach((time, index) => {
    while (time - (times[start] ?? 0) >= windowMs) start += 1
    most = Math.max(most, index - start + 1)
  })
  return most
}

describe('commands', () => {
  test('wait for READY, then leave in order', () => {
    const world = new SessionHarness()
    world.session.start()
    push(world, 4, { n: 1 })
    push(world, 4, { n: 2 })
    world.open()
    world.hello()
    world.grant()
    expect(world.opsSent()).toEqual([2])
    world.ready()
    expect(world.sent.slice(1).map((payload) => payload.d)).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('given while resuming, they leave at RESUMED', () => {
    const world = new SessionHarness().goLive()
    world.socketClosed()
    push(world, 4)
    world.reconnect()
    expect(world.opsSent().at(-1)).toBe(6)
    world.dispatch('RESUMED', 2)
    expect(world.opsSent().at(-1)).toBe(4)
  })

  test('what a connection does not take any more waits for the next one', () => {
    const world = new SessionHarness().goLive()
    world.isPeerClosing = true
    const outcome = push(world, 4, { n: 1 })
    push(world, 3, { n: 2 }, outcome)
    world.advance(1_000)
    expect([outcome.sent, world.session.outbox.queue.size]).toEqual([0, 2])
    world.socketClosed(1001)
    world.reconnect()
    world.dispatch('RESUMED', 2)
    expect(outcome.sent).toBe(2)
    expect(world.opsSent().slice(-3)).toEqual([6, 3, 4])
  })

  test('given after the end, they fail at once', () => {
    const world = new SessionHarness().goLive()
    world.session.stop('end')
    world.socketClosed(1000)
    expect(push(world, 4).failed).toMatchObject([{ code: 'CLOSED_LOCALLY' }])
  })

  test('a flood never exceeds 120 sends in any 60 s, heartbeats included, and all leave in the end', () => {
    const world = new SessionHarness().goLive()
    const outcome: Outcome = { sent: 0, failed: [] }
    for (let index = 0; index < 500; index += 1) push(world, 4, { index }, outcome)
    for (let elapsedMs = 0; elapsedMs < 600_000; elapsedMs += 500) {
      world.advance(500)
      world.payload(11, null)
    }
    expect(outcome.sent).toBe(500)
    expect(
      densest(
        world.sent.map((payload) => payload.atMs),
        60_000,
      ),
    ).toBeLessThanOrEqual(120)
    const order = world.sent
      .filter((payload) => payload.op === 4)
      .map((payload) => (payload.d as { index: number }).index)
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index))
  })

  test('presence updates are coalesced to five in 20 s and hold up nothing else', () => {
    const world = new SessionHarness().goLive()
    const outcomes = Array.from({ length: 50 }, (_, index) => push(world, 3, { index }))
    push(world, 4)
    expect(world.opsSent().filter((op) => op === 3)).toHaveLength(5)
    expect(world.opsSent().at(-1)).toBe(4)
    world.advance(21_000)
    world.payload(11, null)
    expect(world.sent.findLast((payload) => payload.op === 3)?.d).toEqual({ index: 49 })
    expect(outcomes.filter((outcome) => outcome.sent === 1)).toHaveLength(6)
    expect(outcomes[10]?.failed).toMatchObject([{ code: 'COMMAND_SUPERSEDED' }])
  })

  test('the queue is bounded', () => {
    const world = new SessionHarness({ commandQueueLimit: 2 })
    push(world, 4)
    push(world, 4)
    expect(() => push(world, 4)).toThrow(CommandError)
  })

  test('what was not sent when the shard stops fails with the reason and is counted', () => {
    const world = new SessionHarness()
    world.session.start()
    const outcome = push(world, 4)
    push(world, 3, {}, outcome)
    world.session.stop('end')
    world.socketClosed()
    expect(outcome.failed).toMatchObject([{ code: 'CLOSED_LOCALLY' }, { code: 'CLOSED_LOCALLY' }])
    expect(world.lifecycleData('SHARD_CLOSED').unsentCommands).toBe(2)
  })

  test('without rate limiting everything leaves at once', () => {
    const world = new SessionHarness({ rateLimit: false }).goLive()
    for (let index = 0; index < 400; index += 1) push(world, 4)
    expect(world.sent).toHaveLength(401)
  })
})

describe('SlidingWindow', () => {
  test('forgets a send exactly one window after it', () => {
    const window = new SlidingWindow(3, 1_000)
    window.record(0)
    window.record(10)
    window.record(20)
    expect([window.used(999), window.freeAt(999, 3)]).toEqual([3, 1_000])
    expect(window.freeAt(999, 1)).toBe(1_020)
    expect(window.used(1_000)).toBe(2)
    window.record(1_000)
    expect(window.freeAt(1_000, 3)).toBe(1_010)
  })
})
