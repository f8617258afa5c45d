import { describe, expect, test } from 'vitest'

import { StartPace } from '../../src/listen/start-pace.ts'

describe('a start of four shards, two at a time', () => {
  test('begins empty, with one window to wait', () => {
    expect(new StartPace(4, 2).forecast(0, 1_000)).toEqual({ progress: 0, etaMs: 5_125 })
  })

  test('is half done when the first group identifies, and fills with time from there', () => {
    const pace = new StartPace(4, 2)
    pace.identifies(0, 1_000)
    expect(pace.forecast(0, 1_000)).toEqual({ progress: 0.5, etaMs: 5_125 })
    // The second of the group begins no group of its own.
    pace.identifies(1, 1_100)
    expect(pace.forecast(2, 3_562.5)).toEqual({ progress: 0.75, etaMs: 2_562.5 })
    // The queue is slower than expected: the bar waits too.
    expect(pace.forecast(2, 60_000)).toEqual({ progress: 0.97, etaMs: 0 })
  })

  test('is full only when all are ready, and never goes back', () => {
    const pace = new StartPace(4, 2)
    const shown: number[] = []
    for (let nowMs = 0; nowMs <= 5_500; nowMs += 50) {
      for (const [shardId, atMs] of [0, 100, 5_150, 5_300].entries()) {
        if (nowMs === atMs) pace.identifies(shardId, nowMs)
      }
      shown.push(pace.forecast(3, nowMs).progress)
    }
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
    expect([shown.at(0), shown.at(-1)]).toEqual([0.5, 0.97])
    expect(pace.forecast(4, 5_500)).toEqual({ progress: 1, etaMs: 0 })
  })

  test('does not count a shard twice that has to identify again', () => {
    const pace = new StartPace(4, 2)
    for (const nowMs of [0, 6_000]) pace.identifies(0, nowMs)
    expect(pace.forecast(0, 6_000)).toEqual({ progress: 0.75, etaMs: 5_125 })
  })
})

test('a bot of 64 shards without extra concurrency takes 63 windows', () => {
  expect(new StartPace(64, 1).forecast(0, 0).etaMs).toBe(63 * 5_125)
})
