import { expect, test } from 'vitest'

import { clockSpan, count, countOf, latency, rate, wait } from '../../src/terminal/quantity.ts'

test('numbers as people read them', () => {
  expect([count(0), count(1234567)]).toEqual(['0', '1,234,567'])
  expect([countOf(1, 'guild'), countOf(0, 'guild')]).toEqual(['1 guild', '0 guilds'])
  expect([rate(0.25), rate(1234.5)]).toEqual(['0.3 events/s', '1,235 events/s'])
  expect([latency(undefined), latency(0.72), latency(131.6)]).toEqual(['–', '0.7 ms', '132 ms'])
  expect([clockSpan(999), clockSpan(7_000), clockSpan(723_000)]).toEqual(['0:00', '0:07', '12:03'])
  expect(clockSpan(3_661_000)).toBe('1:01:01')
  expect(wait(430)).toBe('0.4 s')
})
