import { expect, test } from 'vitest'

import { dispatchNames } from '../../src/protocol/event-names.ts'
import { EventCounts } from '../../src/shard/event-counts.ts'

test('counts by name, whether the scanner knew its place or not', () => {
  const counts = new EventCounts()
  const place = dispatchNames.indexOf('TYPING_START')
  counts.count('TYPING_START', place)
  counts.count('TYPING_START', -1)
  counts.count('NEW', -1)
  expect(counts.snapshot()).toEqual({ TYPING_START: 2, NEW: 1 })
  expect(counts.total).toBe(3)
})

test('endless names, long ones and none at all are counted together', () => {
  const counts = new EventCounts()
  for (let index = 0; index < 1_000; index += 1) counts.count(`NEW_${index}`, -1)
  counts.count('x'.repeat(65), -1)
  counts.count('', -1)
  counts.count('NEW_3', -1)
  const snapshot = counts.snapshot()
  expect(Object.keys(snapshot)).toHaveLength(65)
  expect([snapshot['NEW_3'], snapshot['_OTHER'], counts.total]).toEqual([2, 938, 1_003])
})

test('a name is data, even if objects know it', () => {
  const counts = new EventCounts()
  for (const name of ['__proto__', 'constructor', 'toString']) counts.count(name, -1)
  const snapshot = counts.snapshot()
  expect(Object.entries(snapshot)).toEqual([
    ['__proto__', 1],
    ['constructor', 1],
    ['toString', 1],
  ])
  expect(Object.entries(structuredClone(snapshot))).toEqual(Object.entries(snapshot))
})
