import { describe, expect, test } from 'vitest'

import type { SessionStartLimit } from '../../src/queue/session-start-limit.ts'
import { dayMs, windowMs, world } from './queue-world.ts'

describe('asking Discord again', () => {
  const empty = { total: 10, remaining: 0, resetAfterMs: 60_000 }
  const full: SessionStartLimit = { total: 20, remaining: 20, resetAfterMs: 0, maxConcurrency: 1 }

  test('happens when the period is over and somebody waits, once', async () => {
    const askedAtMs: number[] = []
    const { clock, queue, identify, identifiedAtMs } = world({
      ...empty,
      refetch: () => {
        askedAtMs.push(clock.now())
        return Promise.resolve(full)
      },
    })
    const startMs = clock.now()
    await clock.advance(120_000)
    expect(askedAtMs).toEqual([])
    for (const id of [0, 1, 2]) identify(id)
    await clock.advance(2 * windowMs)
    expect(askedAtMs).toEqual([startMs + 120_000])
    expect(identifiedAtMs).toHaveLength(3)
    expect(queue).toMatchObject({ total: 20, remaining: 17 })
  })

  test('failures are asked again later and later, and nobody identifies meanwhile', async () => {
    const askedAtMs: number[] = []
    const { clock, identify, identifiedAtMs } = world({
      ...empty,
      refetch: () => {
        askedAtMs.push(clock.now() - startMs)
        return askedAtMs.length > 8 ? Promise.resolve(full) : Promise.reject(new Error('503'))
      },
    })
    const startMs = clock.now()
    identify(0)
    await clock.advance(3_000_000)
    const waits = askedAtMs.slice(1).map((atMs, index) => (atMs - (askedAtMs[index] ?? 0)) / 1_000)
    expect(askedAtMs[0]).toBe(60_000)
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300])
    expect(identifiedAtMs).toEqual([askedAtMs.at(-1)])
  })

  test('a function that throws is one that fails', async () => {
    let asked = 0
    const { clock, identify, identifiedAtMs } = world({
      ...empty,
      refetch: () => {
        asked += 1
        if (asked === 1) throw new Error('no network')
        return Promise.resolve(full)
      },
    })
    identify(0)
    await clock.advance(65_000)
    expect(identifiedAtMs).toEqual([65_000])
  })

  test('an answer that still says no is asked again after its own reset', async () => {
    const answers = [{ ...full, remaining: 0, resetAfterMs: 600_000 }, full]
    const { clock, identify, identifiedAtMs } = world({
      ...empty,
      refetch: () => Promise.resolve(answers.shift() ?? full),
    })
    identify(0)
    await clock.advance(700_000)
    expect(identifiedAtMs).toEqual([660_000])
  })

  test('an answer that says the period is over does not make a loop', async () => {
    let asked = 0
    const { clock, identify } = world({
      ...empty,
      refetch: () => {
        asked += 1
        return Promise.resolve({ ...full, remaining: 0 })
      },
    })
    identify(0)
    await clock.advance(60_000 + 50_000)
    expect(asked).toBe(11)
  })

  test('what is left of the old period may be used while Discord does not answer', async () => {
    const { promise, resolve } = Promise.withResolvers<SessionStartLimit>()
    const { clock, queue, identify, identifiedAtMs } = world({
      total: 10,
      remaining: 2,
      resetAfterMs: 1_000,
      refetch: () => promise,
    })
    await clock.advance(1_000)
    for (const id of [0, 1, 2, 3]) identify(id)
    await clock.advance(100_000)
    expect(identifiedAtMs).toEqual([1_000, 1_000 + windowMs])
    // The answer may be older than both starts: they count against it.
    resolve({ ...full, total: 10, remaining: 3, resetAfterMs: dayMs })
    await clock.advance(windowMs)
    expect(identifiedAtMs).toHaveLength(3)
    expect(queue.remaining).toBe(0)
  })

  test('nobody who waits means no question, and one under way is given up', async () => {
    const signals: AbortSignal[] = []
    const { clock, queue, claim } = world({
      ...empty,
      refetch: (signal) => {
        signals.push(signal)
        return new Promise(() => undefined)
      },
    })
    const first = claim(0)
    const second = claim(1)
    await clock.advance(60_000)
    first.abort()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    second.abort()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(clock.pending).toBe(0)
    await clock.advance(dayMs)
    expect(signals).toHaveLength(1)
    // The one that hangs does not stand in the way of the next.
    claim(2)
    await clock.advance(0)
    expect(signals).toHaveLength(2)
    expect(queue.waiting).toBe(1)
  })
})
