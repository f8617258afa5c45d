import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DecodeError } from '../../src/errors.ts'
import { malformed, parseValue, skipSpace, skipString, skipValue } from '../../src/wire/json-walk.ts'

/** Any JSON value as text, in one of several spacings. */
const json = fc
  .tuple(fc.jsonValue(), fc.constantFrom<string | number | undefined>(undefined, 1, '\t', '\r\n '))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent))
const space = fc.stringMatching(/^[ \n\r\t]{0,4}$/)

/** Calls with bytes and an offset. */
type Skip = (bytes: Buffer, at: number) => number
const skips: readonly [string, Skip][] = [
  ['skipString', skipString],
  ['skipValue', skipValue],
]

describe('skipValue', () => {
  test('ends where the value ends, whatever follows', () => {
    const after = fc.oneof(fc.constantFrom('', ',', '}', ']', ',"x":1}', ' '), space)
    fc.assert(
      fc.property(fc.string(), json, after, (before, value, rest) => {
        const start = Buffer.byteLength(before)
        const bytes = Buffer.from(before + value + rest)
        expect(bytes.toString('utf8', start, skipValue(bytes, start))).toBe(value)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    'nul',
    'truee',
    '-',
    '01',
    '1.',
    '.5',
    '+1',
    'NaN',
    'Infinity',
    "'x'",
    'undefined',
    '\u00A01',
    '',
  ])('refuses %j', (text) => {
    expect(() => skipValue(Buffer.from(text), 0)).toThrow(DecodeError)
  })

  test.each(['{', '[', '[[]', '{"a":{"b":1}', '["', '["]', '{"a":"}', '[{]'])(
    'refuses %j: no end',
    (text) => {
      expect(() => skipValue(Buffer.from(text), 0)).toThrow(DecodeError)
    },
  )

  test('nesting of a million levels takes no stack', () => {
    const text = '[{"a":'.repeat(500_000) + '0' + '}]'.repeat(500_000)
    expect(skipValue(Buffer.from(text), 0)).toBe(text.length)
  })
})

describe('skipString', () => {
  test('ends behind its own quote, whatever is escaped in it', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^["\\u]{0,12}$/))
    fc.assert(
      fc.property(text, fc.string(), (value, rest) => {
        const quoted = JSON.stringify(value)
        const bytes = Buffer.from(quoted + rest)
        expect(skipString(bytes, 0)).toBe(Buffer.byteLength(quoted))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['"', '"abc', String.raw`"\"`, String.raw`"abc\\\"`, '"\\'])('refuses %j: no end', (text) => {
    expect(() => skipString(Buffer.from(text), 0)).toThrow(DecodeError)
  })

  test.each(['\n', '\0', '\u001F'])('refuses the control character %j, as JSON does', (character) => {
    const bytes = Buffer.from(`"a${character}b"`)
    expect(() => JSON.parse(bytes.toString())).toThrow(SyntaxError)
    expect(() => skipString(bytes, 0)).toThrow(DecodeError)
  })
})

test('skipSpace passes what JSON calls space, and nothing else', () => {
  expect(skipSpace(Buffer.from(' \n\r\t x'), 0)).toBe(5)
  expect(skipSpace(Buffer.from('  '), 0)).toBe(2)
  expect(skipSpace(Buffer.from('ab'), 1)).toBe(1)
  expect(skipSpace(Buffer.from('\u00A0'), 0)).toBe(0)
  expect(skipSpace(Buffer.from('\v'), 0)).toBe(0)
  expect(skipSpace(Buffer.alloc(0), 0)).toBe(0)
})

test('parseValue gives the value in a range, or says where it failed', () => {
  const bytes = Buffer.from('x{"é":[1]}y')
  expect(parseValue(bytes, 1, bytes.length - 1)).toEqual({ é: [1] })
  expect(() => parseValue(bytes, 0, 3)).toThrow(
    expect.objectContaining({ code: 'DECODE_PAYLOAD', context: { payloadBytes: 12, at: 0 } }),
  )
})

test('an error tells the length and the place, and nothing of what was there', () => {
  const cause = new SyntaxError('Unexpected token')
  const error = malformed('it is empty', Buffer.from('secret'), 3, cause)
  expect(error).toMatchObject({
    code: 'DECODE_PAYLOAD',
    message: 'payload of 6 bytes is malformed at byte 3: it is empty',
    context: { payloadBytes: 6, at: 3 },
    cause,
  })
})

test.each(skips)('%s ends or throws on any bytes, and never leaves them', (_, skip) => {
  const fragment = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '1', 'null', ' ', 'é', '\n')
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
    fc.array(fragment, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(''))),
  )
  fc.assert(
    fc.property(bytes, (each) => {
      let end: number | undefined
      try {
        end = skip(each, 0)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
      expect(end ?? 0).toBeLessThanOrEqual(each.length)
    }),
    { numRuns: 3_000 },
  )
})
