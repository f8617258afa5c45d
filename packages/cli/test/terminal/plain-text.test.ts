import fc from 'fast-check'
import { expect, test } from 'vitest'

import { plainText } from '../../src/terminal/plain-text.ts'

test.each([
  ['two\nlines\r\n\tand a tab', 'two lines and a tab'],
  ['red \u001b[31mletters\u001b[0m', 'red [31mletters [0m'],
  ['8-bit \u009b2J', '8-bit 2J'],
  ['title \u001b]0;gotcha\u0007', 'title ]0;gotcha'],
  ['back\u0008\u0008space', 'back space'],
  ['evil \u202egnp.exe', 'evil gnp.exe'],
  ['half \ud800 a pair', 'half \ufffd a pair'],
  ['line\u2028separator', 'line separator'],
  ['👩‍👩‍👧‍👦 stays', '👩‍👩‍👧‍👦 stays'],
])('%j becomes %j', (foreign, plain) => {
  expect(plainText(foreign)).toBe(plain)
})

test('no control character survives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (foreign) => {
      expect(plainText(foreign)).not.toMatch(/\p{Cc}/u)
    }),
  )
})
