import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { textWidth, truncate } from '../../src/terminal/text-width.ts'

test.each([
  ['plain', 5],
  ['naïve', 5],
  ['e\u0301', 1],
  ['桜', 2],
  ['민준', 4],
  ['ｆｕｌｌ', 8],
  ['🐕', 2],
  ['❤️', 2],
  ['สวัสดี', 4],
  ['zero\u200bwidth', 9],
  ['𝓯', 1],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width)
})

describe('truncate', () => {
  test('leaves what fits', () => {
    expect(truncate('twelve chars', 12)).toBe('twelve chars')
    expect(truncate('whatever', Infinity)).toBe('whatever')
  })

  test('cuts to the width, the ellipsis included', () => {
    expect(truncate('twelve chars', 7)).toBe('twelve…')
    expect(truncate('日本語', 5)).toBe('日本…')
    // Half a wide character does not fit.
    expect(truncate('日本語', 4)).toBe('日…')
    expect(truncate('x', 0)).toBe('')
    expect(truncate('xy', -3)).toBe('')
  })

  test('never exceeds the width, and never cuts a character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.nat(40), (text, columns) => {
        const cut = truncate(text, columns)
        expect(textWidth(cut)).toBeLessThanOrEqual(columns)
        expect(cut.isWellFormed()).toBe(true)
      }),
    )
  })
})
