import fc from 'fast-check'
import { expect, test } from 'vitest'

import { DecodeError } from '../../src/errors.ts'
import { JsonCodec } from '../../src/wire/json-codec.ts'

const codec = new JsonCodec()

interface Envelope {
  op: number
  sequence: number
  type: string
  data: unknown
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** What JSON.parse finds; `undefined` if it finds no envelope. */
function reference(text: string): Envelope | undefined {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const { op, s = null, t = null, d } = document as Record<string, unknown>
  if (!isWhole(op) || (s !== null && !isWhole(s)) || (t !== null && typeof t !== 'string')) return undefined
  return { op: op + 0, sequence: s === null ? -1 : s + 0, type: t ?? '', data: d }
}

function scanned(bytes: Buffer): Envelope | undefined {
  try {
    const { op, sequence, type, dataStart, dataEnd } = codec.scan(bytes)
    const data: unknown = dataStart === -1 ? undefined : codec.parse(bytes, dataStart, dataEnd)
    return { op, sequence, type, data }
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

const space = fc.stringMatching(/^[ \n\r\t]{0,3}$/)
const hostile = fc.constantFrom(
  '"t":"evil"',
  '{"op":9,"s":3}',
  '","t":"evil","s":9,"op":1,"d":{',
  '\\',
  '\\"',
  '}}',
  '{[',
  '"',
  '\u2028é😀',
)
const key = fc.constantFrom('t', 's', 'op', 'd', 'op', 'x', '', 'ops', '"op"', 'd\\')

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer().map(String),
    fc.constantFrom(
      '0',
      '-0',
      '1e3',
      '1.0',
      '1E+2',
      '1.5',
      '-1',
      'null',
      'true',
      'false',
      '9007199254740993',
      '1e400',
    ),
    fc.string().map((text) => JSON.stringify(text)),
    hostile.map((text) => JSON.stringify(text)),
    fc.array(tie('value')).map((items) => `[${items.join(',')}]`),
    fc.array(fc.tuple(key, tie('value'))).map((entries) => objectText(entries as [string, string][])),
  ),
}))

function objectText(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** A key as JSON text, some of its characters escaped. */
const spelledKey = fc.tuple(key, fc.infiniteStream(fc.boolean())).map(([name, coins]) => {
  const spelled = Array.from(JSON.stringify(name).slice(1, -1), (character) => {
    const isEscaped = coins.next().value === true && /\w/.test(character) && !name.includes('\\')
    return isEscaped ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character
  })
  return { name, text: `"${name.includes('"') ? JSON.stringify(name).slice(1, -1) : spelled.join('')}"` }
})

const looseDocument = fc
  .array(fc.tuple(spelledKey, value, space, space, space), { maxLength: 7 })
  .chain((entries) => fc.tuple(fc.constant(entries), space, space))
  .map(([entries, before, after]) => {
    const members = entries.map(([{ text }, item, a, b, c]) => `${a}${text}${b}:${c}${item}`)
    return `${before}{${members.join(',')}}${after}`
  })

const type = fc.oneof(
  fc.constantFrom(
    'null',
    '"READY"',
    '"MESSAGE_CREATE"',
    '"GUILD_CREATE"',
    '"NEW_EVENT"',
    '""',
    '"A\\u0042"',
    '5',
  ),
  fc.string().map((text) => JSON.stringify(text)),
)
const number = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('null', '0', '-0', '01', '1e3', '1.0', '9007199254740992'),
)

/** Discord's order, and the order of others; `d` last in the former. */
const strictDocument = fc
  .tuple(type, number, number, value)
  .map(([t, s, op, d]) => `{"t":${t},"s":${s},"op":${op},"d":${d}}`)
const shuffledDocument = fc
  .tuple(type, number, number, value)
  .chain(([t, s, op, d]) =>
    fc.shuffledSubarray([`"t":${t}`, `"s":${s}`, `"op":${op}`, `"d":${d}`, `"extra":${d}`]),
  )
  .map((members) => `{${members.join(',')}}`)

test.each([
  ["payloads in Discord's order", strictDocument],
  ['payloads in any order', shuffledDocument],
  ['any spacing, escapes, duplicates and nesting', looseDocument],
])('the scan finds what JSON.parse finds: %s', (_, documents) => {
  fc.assert(
    fc.property(documents, (text) => {
      const expected = reference(text)
      // Whole only up to 2^53: beyond it JSON.parse rounds, and both refuse.
      expect(scanned(Buffer.from(text)), text).toEqual(expected)
    }),
    { numRuns: 3_000 },
  )
})

test('bytes that are no envelope are a DecodeError, whatever they are', () => {
  const fragments = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '"t":',
    '"op":0',
    '"d":',
    'null',
    '\\',
    '1',
    ' ',
  )
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.array(fragments, { maxLength: 24 }).map((parts) => Buffer.from(parts.join(''))),
  )
  fc.assert(
    fc.property(junk, (bytes) => {
      const expected = reference(bytes.toString())
      const found = scanned(bytes)
      // What lies in `d` and in unknown keys is parsed later, if at all; all that JSON.parse accepts must be found.
      expect(expected === undefined ? undefined : found).toEqual(expected)
    }),
    { numRuns: 5_000 },
  )
})

test('a payload cut anywhere is a DecodeError, or holds data that is cut', () => {
  fc.assert(
    fc.property(strictDocument, fc.nat(), (text, place) => {
      fc.pre(reference(text) !== undefined)
      const bytes = Buffer.from(text)
      const cut = bytes.subarray(0, place % bytes.length)
      expect(() => {
        const { dataStart, dataEnd } = codec.scan(cut)
        expect(() => JSON.parse(cut.toString('utf8', dataStart, dataEnd))).toThrow(SyntaxError)
        throw new DecodeError('DECODE_DATA', 'cut')
      }).toThrow(DecodeError)
    }),
    { numRuns: 2_000 },
  )
})
