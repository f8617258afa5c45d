import fc from 'fast-check'
import { expect, test } from 'vitest'

import { SequenceRanges } from '../../src/listen/sequence-ranges.ts'

test('an empty set', () => {
  const ranges = new SequenceRanges()
  expect([ranges.size, ranges.last]).toEqual([0, 0])
})

test('ranges join when the gap between them is filled', () => {
  const ranges = new SequenceRanges()
  expect([1, 2, 4, 5, 3].map((sequence) => ranges.add(sequence))).toEqual([true, true, true, true, true])
  expect([1, 3, 5].map((sequence) => ranges.add(sequence))).toEqual([false, false, false])
  expect([ranges.size, ranges.last]).toEqual([5, 5])
})

test('agrees with a set of numbers, whatever the order', () => {
  const history = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 120 })
  fc.assert(
    fc.property(history, (sequences) => {
      const ranges = new SequenceRanges()
      const model = new Set<number>()
      for (const sequence of sequences) {
        expect(ranges.add(sequence)).toBe(!model.has(sequence))
        model.add(sequence)
        expect(ranges.size).toBe(model.size)
        expect(ranges.last).toBe(Math.max(...model))
      }
    }),
  )
})
