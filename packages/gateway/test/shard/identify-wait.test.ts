import { expect, test } from 'vitest'

import { ShardTrace } from '../../src/diagnostics/shard-trace.ts'
import { GatewayError } from '../../src/errors.ts'
import type { IdentifyQueue } from '../../src/queue/identify-queue.ts'
import { IdentifyWait } from '../../src/shard/identify-wait.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'

/** A wait at a queue that fails the first `failures` times; when it was asked, and what came of it. */
function waitAt(failures: number, random: () => number) {
  const clock = new VirtualClock(0)
  const askedAtMs: number[] = []
  const outcomes: string[] = []
  const queue: IdentifyQueue = {
    acquire: async () => {
      askedAtMs.push(clock.now())
      if (askedAtMs.length <= failures) throw new GatewayError('QUEUE_FAILED', 'the broker is gone')
      return { spend: () => outcomes.push('spent'), release: () => outcomes.push('released') }
    },
  }
  const wait = new IdentifyWait({
    queue,
    trace: new ShardTrace({ shardId: 0, shardCount: 1, token: 'token' }),
    shardId: 3,
    clock,
    random,
    granted: () => outcomes.push('granted'),
    failed: (error) => outcomes.push((error as GatewayError).code),
  })
  return { wait, clock, askedAtMs, outcomes }
}

test.each([
  ['least', 0, [0, 500, 1_500, 3_500, 7_500, 15_500, 30_500, 45_500]],
  ['most', 1, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]],
])('a queue that fails is asked again later each time, with the %s jitter', async (_, jitter, expected) => {
  const { wait, clock, askedAtMs, outcomes } = waitAt(Infinity, () => jitter)
  wait.begin()
  await clock.advance(expected.at(-1) ?? 0)
  expect(askedAtMs).toEqual(expected)
  expect(outcomes).toEqual(expected.map(() => 'QUEUE_FAILED'))
  // Failures do not end the wait.
  expect([wait.waits, wait.waitedMs]).toEqual([1, expected.at(-1)])
  // For ever, at the longest wait: a dead broker is asked some 2,900 to 5,800 times a day by a shard.
  await clock.advance(10 * 60 * 1_000)
  expect(askedAtMs.length - expected.length).toBe(jitter === 0 ? 40 : 20)
})

test('after a grant the waits start over', async () => {
  const { wait, clock, askedAtMs, outcomes } = waitAt(2, () => 1)
  wait.begin()
  await clock.advance(60_000)
  expect(askedAtMs).toEqual([0, 1_000, 3_000])
  expect(outcomes).toEqual(['QUEUE_FAILED', 'QUEUE_FAILED', 'granted'])
})

test('a wait that is given up asks no more', async () => {
  const { wait, clock, askedAtMs } = waitAt(Infinity, () => 1)
  wait.begin()
  await settled()
  wait.cancel()
  expect(clock.pending).toBe(0)
  await clock.advance(60_000)
  expect(askedAtMs).toEqual([0])
})
