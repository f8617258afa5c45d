import { beforeAll, expect, test, vi } from 'vitest'

import type { RunResult } from '../../src/listen/result.ts'
import { summaryLines } from '../../src/listen/summary.ts'

beforeAll(() => {
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', '1')
})

const well: RunResult = {
  shards: 1,
  ready: 1,
  events: 1_000,
  eventsByType: { MESSAGE_CREATE: 750, TYPING_START: 247, READY: 3 },
  reconnects: 1,
  resumes: 1,
  missed: 0,
  duplicates: 0,
  violations: 0,
}

test('sums up by type, with bars, and in a word', () => {
  expect(summaryLines({ result: well, shards: [], elapsedMs: 10_000 })).toEqual([
    '',
    '1,000 events in 0:10 (100 events/s)',
    '  MESSAGE_CREATE       750   75 % ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇',
    '  TYPING_START         247   25 % ▇▇▇▇▇▇▇▇',
    '  READY                  3   <1 % ▇',
    '',
    '  shard  state            events  reconnects     resumes     latency',
    '',
    '✔ 1 of 1 shards ready, 1 reconnect, 1 resume, 0 missed, 0 duplicates, 0 violations',
  ])
})

test('rare types share a line, and what is not well is marked', () => {
  const eventsByType = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`TYPE_${index}`, 1]))
  const result = { ...well, events: 15, eventsByType, ready: 0, violations: null }
  const lines = summaryLines({ result, shards: [], elapsedMs: 0 })
  expect(lines).toContain('  3 other types         3   20 %')
  expect(lines.at(-1)).toBe('✘ 0 of 1 shards ready, 1 reconnect, 1 resume, 0 missed, 0 duplicates')
})

test('a run without an event has no types', () => {
  const lines = summaryLines({ result: { ...well, events: 0, eventsByType: {} }, shards: [], elapsedMs: 0 })
  expect(lines.slice(0, 3)).toEqual(['', '0 events in 0:00 (0.0 events/s)', ''])
})
