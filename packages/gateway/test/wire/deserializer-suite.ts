import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DecodeError } from '../../src/errors.ts'
import { LazyDispatch } from '../../src/shard/lazy-dispatch.ts'
import type { Deserializer } from '../../src/wire/codec.ts'
import { JsonCodec } from '../../src/wire/json-codec.ts'
import { trafficPayloads } from '../measure/traffic.ts'

const scalars = [
  ['null', 'null'],
  ['booleans', '[true,false]'],
  ['numbers', '[0,1,-1,1.5,-1.5,1e3,1E-3,1.0,123456789012345,-9007199254740993,9007199254740993]'],
  ['a snowflake', '"1234567890123456789"'],
  [
    'integers around 2⁶³ and 2⁶⁴',
    '[9223372036854775807,9223372036854775808,18446744073709551615,18446744073709551616]',
  ],
  ['negative ones', '[-9223372036854775808,-9223372036854775809]'],
  ['an integer of 400 digits', `[${'9'.repeat(400)}]`],
  ['numbers out of range', '[1e400,-1e400,1e-400,5e-324,1.7976931348623157e308]'],
  ['negative zero', '[-0,-0.0,{"a":-0},-0e1]'],
  [
    'numbers that round',
    '[0.1,0.30000000000000004,2.2250738585072011e-308,1.00000000000000011102230246251565]',
  ],
  ['empty ones', '[{},[],"",{"":""}]'],
  ['white space', ' {\t"a" :\r\n[ 1 , 2 ] } '],
  ['UTF-8 of every length', '"aé€😀 ‎אב"'],
  ['escapes', String.raw`"\"\\\/\b\f\n\r\té\u20ac\ud83d\ude00"`],
  ['control characters by escape', String.raw`["\u0000","a\u0000b","\u001f"]`],
  ['lone surrogates by escape', String.raw`["\ud800","\udc00","\ude00\ud83d"]`],
  ['names by escape', String.raw`{"a\u0000b":1,"é":2,"\n":3}`],
  ['names that are numbers', '{"2":"b","1":"a","-1":"c","x":"d"}'],
  ['a name that is there twice', '{"a":1,"b":2,"a":3}'],
  ['names of Object', '{"constructor":1,"hasOwnProperty":2,"toString":3,"valueOf":4}'],
] as const

const invalid = [
  '',
  ' ',
  '{',
  '[1,]',
  '{"a":1,}',
  "{'a':1}",
  '{a:1}',
  '[1 2]',
  '01',
  '1.',
  '.5',
  '+1',
  '-',
  'NaN',
  'nul',
  'undefined',
  '"a',
  '"a\nb"',
  String.raw`"\x"`,
  String.raw`"\u12"`,
  '{"a":1}}',
  '{} {}',
  '\u{feff}{}',
  '// a\n1',
]

/** What every deserializer must do, whichever parser is under it. Called where tests are collected. */
export function deserializerSuite(create: () => Deserializer): void {
  const parse = (json: string): unknown => {
    // With other bytes around it, as `d` has them.
    const bytes = Buffer.from(`{"d":${json}}`)
    return create().parse(bytes, 5, bytes.length - 1)
  }

  test.each(scalars)('%s', (_what, json) => {
    expect(parse(json)).toStrictEqual(JSON.parse(json))
    expect(JSON.stringify(parse(json))).toBe(JSON.stringify(JSON.parse(json)))
  })

  describe.each(invalid)('invalid JSON: %j', (json) => {
    test('fails, and as DECODE_DATA where an event is read', () => {
      expect(outcome(() => parse(json))).toBe('an error')
      const raw = Buffer.from(`{"t":"X","s":1,"op":0,"d":${json}}`)
      const codec = new JsonCodec(create())
      const event = new LazyDispatch('X', 3, 1, 'session', raw, codec, 26, raw.length - 1)
      expect(() => event.data).toThrow(DecodeError)
      expect(() => event.data).toThrow(
        expect.objectContaining({ code: 'DECODE_DATA', context: { type: 'X', shardId: 3, sequence: 1 } }),
      )
    })
  })

  test.each([
    '{"__proto__":{"admin":true}}',
    String.raw`{"__pro\u0074o__":{"admin":true}}`,
    '{"a":{"__proto__":null}}',
  ])('%s sets a member and no prototype', (json) => {
    const value = parse(json) as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Reflect.get(value, 'admin')).toBeUndefined()
    expect(Object.keys(value)).toEqual(Object.keys(JSON.parse(json) as object))
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  test.each([100, 1_024, 1_026, 5_000])('%i levels', (levels) => {
    const json = `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`
    let value = parse(json)
    let depth = 0
    for (; typeof value === 'object' && value !== null; depth += 1) {
      value = Array.isArray(value) ? value[0] : Reflect.get(value, 'a')
    }
    expect([value, depth]).toEqual([1, levels])
  })

  test('a large value', () => {
    const json = JSON.stringify(
      Array.from({ length: 50_000 }, (_, id) => ({ id: String(id), name: `é${id}` })),
    )
    expect(parse(json)).toStrictEqual(JSON.parse(json))
  })

  test('any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const json = JSON.stringify(value, undefined, space)
        expect(parse(json)).toStrictEqual(JSON.parse(json))
      }),
      { numRuns: 500 },
    )
  })

  test('any text: a value, or an error, just when JSON.parse has one', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '0',
      '.',
      'e',
      'true',
      'null',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const json = pieces.join('')
        const expected = outcome(() => JSON.parse(json))
        expect(outcome(() => parse(json))).toStrictEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  test('realistic events, whose bytes it leaves alone', () => {
    for (const profile of ['A', 'B', 'C'] as const) {
      for (const { bytes, dataStart } of trafficPayloads(profile, profile === 'C' ? 2 : 300)) {
        const before = Buffer.from(bytes)
        const value = create().parse(bytes, dataStart, bytes.length - 1)
        expect(bytes.equals(before)).toBe(true)
        expect(value).toStrictEqual(JSON.parse(bytes.toString('utf8', dataStart, bytes.length - 1)))
      }
    }
  })
}

function outcome(parse: () => unknown): unknown {
  try {
    return { value: parse() }
  } catch {
    return 'an error'
  }
}
