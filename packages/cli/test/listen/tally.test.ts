import { describe, expect, test } from 'vitest'

import { problemsOf, resultOf } from '../../src/listen/result.ts'
import { Tally } from '../../src/listen/tally.ts'
import { dispatch, lifeOf } from '../support/events.ts'

function tallyOf(...keys: readonly (readonly [sessionId: string, sequence: number])[]): Tally {
  const tally = new Tally()
  for (const [sessionId, sequence] of keys) {
    tally.add(dispatch('TYPING_START', {}, { sessionId, sequence }))
  }
  return tally
}

describe('what did not arrive', () => {
  test('nothing, if every sequence came, in whatever order', () => {
    const tally = tallyOf(['a', 1], ['a', 3], ['a', 2], ['b', 1])
    const sent = [
      { sessionId: 'a', lastSequence: 3 },
      { sessionId: 'b', lastSequence: 1 },
    ]
    expect([tally.missed(sent), tally.gaps(), tally.duplicates]).toEqual([0, 0, 0])
  })

  test('a gap shows to the receiver, a lost end only to the sender', () => {
    const tally = tallyOf(['a', 1], ['a', 2], ['a', 5])
    expect(tally.gaps()).toBe(2)
    expect(tally.missed([{ sessionId: 'a', lastSequence: 7 }])).toBe(4)
  })

  test('a session of which nothing came is missed as a whole', () => {
    expect(tallyOf().missed([{ sessionId: 'a', lastSequence: 9 }])).toBe(9)
  })
})

test('an event that comes twice in its session counts as a duplicate, but no sequence is no repeat', () => {
  const tally = tallyOf(['a', 1], ['a', 2], ['a', 2], ['b', 2], ['b', 0], ['b', 0])
  expect([tally.duplicates, tally.events]).toEqual([1, 6])
})

test('the life of shards is counted apart from dispatches', () => {
  const tally = new Tally()
  const connected = { sessionId: 'a', replayed: 0, heartbeatIntervalMs: 1 }
  tally.add(lifeOf('SHARD_CONNECTED', { ...connected, resumed: false }, 3))
  tally.add(lifeOf('SHARD_RECONNECTING', { attempt: 1, delayMs: 0, resume: true }, 3))
  tally.add(lifeOf('SHARD_CONNECTED', { ...connected, resumed: true }, 3))
  expect([tally.events, tally.reconnects, tally.resumes]).toEqual([0, 1, 1])
  expect([...tally.ready]).toEqual([3])
})

describe('the result', () => {
  test('of another server has no violations, and its gaps are no problem of ours', () => {
    const tally = tallyOf(['a', 1], ['a', 3])
    tally.ready.add(0)
    const result = resultOf(tally, 1, undefined)
    expect(result).toEqual({
      shards: 1,
      ready: 1,
      events: 2,
      eventsByType: { TYPING_START: 2 },
      reconnects: 0,
      resumes: 0,
      missed: 1,
      duplicates: 0,
      violations: null,
    })
    expect(problemsOf(result)).toEqual([])
  })

  test('lists the types by how often they came', () => {
    const tally = tallyOf(['a', 1], ['a', 2])
    tally.add(dispatch('READY', {}, { sessionId: 'b', sequence: 1 }))
    expect(Object.keys(resultOf(tally, 1, undefined).eventsByType)).toEqual(['TYPING_START', 'READY'])
  })

  test('names every problem', () => {
    const base = { events: 1, eventsByType: {}, reconnects: 0, resumes: 0 }
    const counts = { shards: 4, ready: 3, missed: 2, duplicates: 1, violations: 5 }
    expect(problemsOf({ ...base, ...counts }, 'no\nroute')).toEqual([
      'only 3 of 4 shards became ready (no route)',
      'events that did not arrive: 2',
      'events that came twice: 1',
      'broken rules of the gateway: 5',
    ])
  })
})
