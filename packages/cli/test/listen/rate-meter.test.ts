import { expect, test } from 'vitest'

import { RateMeter } from '../../src/listen/rate-meter.ts'

test('measures the growth of the last five seconds', () => {
  const meter = new RateMeter()
  expect(meter.perSecond(100, 0)).toBe(0)
  expect(meter.perSecond(150, 1_000)).toBe(50)
  for (let second = 2; second <= 10; second += 1) meter.perSecond(150, second * 1_000)
  expect(meter.perSecond(150, 11_000)).toBe(0)
  expect(meter.perSecond(200, 12_000)).toBeCloseTo(10, 0)
})

test('a pause between two looks is no division by zero, and is averaged over', () => {
  const meter = new RateMeter()
  meter.perSecond(0, 0)
  expect(meter.perSecond(10, 0)).toBe(0)
  expect(meter.perSecond(610, 60_000)).toBe(10)
})
