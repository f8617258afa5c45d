import { getEventListeners } from 'node:events'

import { describe, expect, test } from 'vitest'

import { InMemoryIdentifyQueue } from '../../src/queue/in-memory-identify-queue.ts'
import type { SessionStartLimit } from '../../src/queue/session-start-limit.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { granted } from './claim.ts'
import { returningQueueConformance } from './returning-queue-conformance.ts'
import { dayMs, windowMs, world } from './queue-world.ts'

returningQueueConformance('InMemoryIdentifyQueue', (maxConcurrency) => {
  const clock = new VirtualClock()
  return {
    queue: new InMemoryIdentifyQueue({ maxConcurrency, clock }),
    windowMs,
    advance: (ms) => clock.advance(ms),
  }
})

describe('time to start', () => {
  test.each([
    [1, 1],
    [2, 1],
    [100, 1],
    [16, 16],
    [17, 16],
    [1_000, 16],
    [1_000, 1_000],
    [1_001, 1_000],
    [5, 1_000],
  ])('%i shards in %i lanes', async (shards, maxConcurrency) => {
    const { clock, identify, identifiedAtMs } = world({ maxConcurrency, total: 10_000 })
    for (let id = 0; id < shards; id += 1) identify(id)
    const groups = Math.ceil(shards / maxConcurrency)
    await clock.advance(groups * 10_000)
    expect(identifiedAtMs).toHaveLength(shards)
    const lastMs = identifiedAtMs.at(-1) ?? Infinity
    expect(lastMs).toBeGreaterThanOrEqual((groups - 1) * 5_000)
    expect(lastMs).toBeLessThanOrEqual(1.03 * groups * 5_000)
  })

  test('no lanes at all are one lane', async () => {
    const { clock, identify, identifiedAtMs } = world({ maxConcurrency: 0 })
    identify(0)
    identify(1)
    await clock.advance(windowMs)
    expect(identifiedAtMs).toEqual([0, windowMs])
  })

  test('window and slack are what the options say', async () => {
    const { clock, identify, identifiedAtMs } = world({ windowMs: 100, slackMs: 7 })
    for (const id of [0, 1, 2]) identify(id)
    await clock.advance(1_000)
    expect(identifiedAtMs).toEqual([0, 107, 214])
  })
})

describe('daily budget', () => {
  test('starts are counted down, and a full budget begins its day with the first', async () => {
    const { clock, queue, identify } = world({ total: 10 })
    expect(queue).toMatchObject({ total: 10, remaining: 10, resetAtMs: Infinity })
    await clock.advance(1_000)
    const firstAtMs = clock.now()
    identify(0)
    identify(1)
    await clock.advance(windowMs)
    expect(queue).toMatchObject({ remaining: 8, resetAtMs: firstAtMs + dayMs })
  })

  test('a released permit costs nothing', async () => {
    const { clock, queue, claim } = world({ total: 10 })
    const released = claim(0)
    await clock.advance(0)
    released.permit.release()
    expect(queue).toMatchObject({ remaining: 10, resetAtMs: Infinity })
  })

  test('with nothing left, shards wait for the reset and then have the full budget', async () => {
    const { clock, queue, identify, identifiedAtMs } = world({
      total: 10,
      remaining: 0,
      resetAfterMs: 3_600_000,
    })
    for (const id of [0, 1, 2]) identify(id)
    await clock.advance(3_599_999)
    expect(identifiedAtMs).toEqual([])
    expect(queue.waiting).toBe(3)
    await clock.advance(1 + 2 * windowMs)
    expect(identifiedAtMs).toEqual([3_600_000, 3_600_000 + windowMs, 3_600_000 + 2 * windowMs])
    expect(queue.remaining).toBe(7)
  })

  test('permits that are out are not granted twice over', async () => {
    const { clock, claim } = world({
      total: 10,
      remaining: 2,
      resetAfterMs: 3_600_000,
      maxConcurrency: 16,
    })
    const claims = [0, 1, 2, 3].map(claim)
    await clock.advance(0)
    expect(granted(claims)).toEqual([0, 1])
    claims[0]?.permit.spend()
    await clock.advance(windowMs)
    expect(granted(claims)).toEqual([0, 1])
    claims[1]?.permit.release()
    await clock.advance(0)
    expect(granted(claims)).toEqual([0, 1, 2])
  })

  test('a start after the reset counts against the next period, also by a permit from before', async () => {
    const { clock, queue, claim } = world({ total: 5, remaining: 1, resetAfterMs: 1_000 })
    const held = claim(0)
    await clock.advance(2_000)
    held.permit.spend()
    expect(queue).toMatchObject({ remaining: 4, resetAtMs: clock.now() + dayMs })
  })

  test('a limit without its reset is taken to reset in a day', async () => {
    const { clock, identify, identifiedAtMs } = world({ remaining: 0 })
    identify(0)
    await clock.advance(dayMs - 1)
    expect(identifiedAtMs).toEqual([])
    await clock.advance(1)
    expect(identifiedAtMs).toEqual([dayMs])
  })

  test('a day of starts in a loop uses the budget and no more', async () => {
    const { clock, queue, identify, identifiedAtMs } = world({ total: 50 })
    for (let round = 0; round < 200; round += 1) identify(0)
    await clock.advance(dayMs - 1)
    expect(identifiedAtMs).toHaveLength(50)
    await clock.advance(dayMs)
    expect(identifiedAtMs).toHaveLength(100)
    expect(queue.waiting).toBe(100)
  })
})

describe('update', () => {
  const limit: SessionStartLimit = { total: 1_000, remaining: 1_000, resetAfterMs: 0, maxConcurrency: 1 }

  test('those who wait are sorted into more lanes at once', async () => {
    const { clock, queue, claim } = world()
    const claims = [0, 1, 2, 3].map(claim)
    await clock.advance(0)
    expect(granted(claims)).toEqual([0])
    queue.update({ ...limit, maxConcurrency: 16 })
    await clock.advance(0)
    expect(granted(claims)).toEqual([0, 1, 2, 3])
  })

  test('an identify from before counts against every new lane', async () => {
    const { clock, queue, identify, identifiedAtMs } = world()
    identify(0)
    await clock.advance(1_000)
    for (const id of [1, 2, 3]) identify(id)
    queue.update({ ...limit, maxConcurrency: 3 })
    await clock.advance(windowMs)
    expect(identifiedAtMs).toEqual([0, windowMs, windowMs, windowMs])
  })

  test('fewer lanes wait for all permits that are out, and for the last identify', async () => {
    const { clock, queue, claim } = world({ maxConcurrency: 3 })
    const claims = [0, 1, 2, 3].map(claim)
    await clock.advance(0)
    queue.update(limit)
    claims[0]?.permit.spend()
    await clock.advance(1_000)
    claims[1]?.permit.spend()
    await clock.advance(windowMs)
    expect(granted(claims)).toEqual([0, 1, 2])
    claims[2]?.permit.release()
    await clock.advance(0)
    expect(granted(claims)).toEqual([0, 1, 2, 3])
  })

  test('no lanes at all are one lane, with its window', async () => {
    const { clock, queue, identify, identifiedAtMs } = world({ maxConcurrency: 2 })
    identify(0)
    await clock.advance(0)
    queue.update({ ...limit, maxConcurrency: 0 })
    identify(1)
    await clock.advance(windowMs)
    expect(identifiedAtMs).toEqual([0, windowMs])
  })

  test('the same number of lanes leaves windows as they are', async () => {
    const { clock, queue, identify, identifiedAtMs } = world({ maxConcurrency: 2 })
    identify(0)
    await clock.advance(1_000)
    queue.update({ ...limit, maxConcurrency: 2 })
    identify(1)
    identify(2)
    await clock.advance(windowMs)
    expect(identifiedAtMs).toEqual([0, 1_000, windowMs])
  })

  test('a smaller budget stops, a larger one goes on at once', async () => {
    const { clock, queue, identify, identifiedAtMs } = world({ maxConcurrency: 16 })
    queue.update({ ...limit, remaining: 1, resetAfterMs: dayMs, maxConcurrency: 16 })
    for (const id of [0, 1, 2]) identify(id)
    await clock.advance(100_000)
    expect(identifiedAtMs).toEqual([0])
    queue.update({ ...limit, total: 2_000, remaining: 999, resetAfterMs: dayMs, maxConcurrency: 16 })
    expect(queue.total).toBe(2_000)
    await clock.advance(0)
    expect(identifiedAtMs).toEqual([0, 100_000, 100_000])
  })

  test('a budget below what is out never shows less than nothing', async () => {
    const { clock, queue, claim } = world({ maxConcurrency: 16 })
    const claims = [0, 1].map(claim)
    await clock.advance(0)
    queue.update({ ...limit, remaining: 1, resetAfterMs: dayMs })
    for (const { permit } of claims) permit.spend()
    expect(queue.remaining).toBe(0)
  })
})

test('nothing of a wait stays on the signal, however it ends', async () => {
  const { clock, queue } = world()
  const [granting, aborting] = [new AbortController(), new AbortController()]
  const permit = queue.acquire(0, granting.signal)
  const aborted = queue.acquire(1, aborting.signal)
  await clock.advance(0)
  aborting.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
  await permit
  for (const { signal } of [granting, aborting]) expect(getEventListeners(signal, 'abort')).toEqual([])
})

describe('timers', () => {
  test('one, however many wait, and none when nobody does', async () => {
    const { clock, queue, claim } = world({ maxConcurrency: 16 })
    expect(clock.pending).toBe(0)
    const claims = Array.from({ length: 64 }, (_, id) => claim(id))
    await clock.advance(0)
    for (const each of claims.slice(0, 16)) each.permit.spend()
    expect(clock.pending).toBe(1)
    for (const each of claims.slice(16)) each.abort()
    expect(clock.pending).toBe(0)
    expect(queue.waiting).toBe(0)
  })

  test('none for the daily reset when the last one gives up', async () => {
    const { clock, claim } = world({ remaining: 0, resetAfterMs: dayMs })
    const waits = claim(0)
    await clock.advance(0)
    expect(clock.pending).toBe(1)
    waits.abort()
    expect(clock.pending).toBe(0)
  })
})
