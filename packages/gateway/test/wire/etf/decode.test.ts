import { describe, expect, test } from 'vitest'

import { DecodeError } from '../../../src/errors.ts'
import { maxDepth } from '../../../src/wire/etf/decode.ts'
import { EtfCodec } from '../../../src/wire/etf/etf-codec.ts'

const codec = new EtfCodec()

function decode(hex: string): unknown {
  const bytes = Buffer.from(hex, 'hex')
  return codec.parse(bytes, 1, bytes.length)
}

/** Tuples of one within each other. */
function nested(levels: number): string {
  return `83${'6801'.repeat(levels)}6a`
}

/** Erlang source, what `term_to_binary` of Erlang/OTP 25 makes of it, and what JSON would hold. */
const written: readonly (readonly [source: string, hex: string, value: unknown])[] = [
  ['nil', '836400036e696c', null],
  ['true', '8364000474727565', true],
  ['false', '8364000566616c7365', false],
  ["'READY'", '836400055245414459', 'READY'],
  ["'é'", '83640001e9', 'é'],
  ["'日本'", '837706e697a5e69cac', '日本'],
  ['<<"hello">>', '836d0000000568656c6c6f', 'hello'],
  ['<<"é😀"/utf8>>', '836d00000006c3a9f09f9880', 'é😀'],
  ['0', '836100', 0],
  ['255', '8361ff', 255],
  ['256', '836200000100', 256],
  ['-1', '8362ffffffff', -1],
  ['2147483647', '83627fffffff', 2_147_483_647],
  ['-2147483648', '836280000000', -2_147_483_648],
  ['2147483648', '836e040000000080', 2_147_483_648],
  ['-2147483649', '836e040101000080', -2_147_483_649],
  ['9007199254740991', '836e0700ffffffffffff1f', 9_007_199_254_740_991],
  ['9007199254740992', '836e070000000000000020', '9007199254740992'],
  ['-9007199254740992', '836e070100000000000020', '-9007199254740992'],
  ['339261635191504896', '836e0800000082e3a84cb504', '339261635191504896'],
  ['18446744073709551615', '836e0800ffffffffffffffff', '18446744073709551615'],
  ['18446744073709551616', '836e0900000000000000000001', '18446744073709551616'],
  ['1.5', '83463ff8000000000000', 1.5],
  ['-0.0', '83468000000000000000', -0],
  ['1.0e300', '83467e37e43c8800759c', 1e300],
  ['[]', '836a', []],
  ['[0, 1]', '836b00020001', [0, 1]],
  ['[0, 256]', '836c00000002610062000001006a', [0, 256]],
  ['[nil]', '836c000000016400036e696c6a', [null]],
  ['[[], [[]]]', '836c000000026a6c000000016a6a6a', [[], [[]]]],
  ['{}', '836800', []],
  ['{1, <<"a">>}', '83680261016d0000000161', [1, 'a']],
  ['#{}', '837400000000', {}],
  [
    '#{a => #{<<"b">> => [true]}, 5 => 6}',
    '837400000002610561066400016174000000016d00000001626c00000001640004747275656a',
    { a: { b: [true] }, 5: 6 },
  ],
  [
    '#{339261635191504896 => nil}',
    '8374000000016e0800000082e3a84cb5046400036e696c',
    { '339261635191504896': null },
  ],
]

test.each(written)('%s, as Erlang writes it', (_source, hex, value) => {
  expect(decode(hex)).toStrictEqual(value)
})

test.each([
  ['SMALL_ATOM_EXT', '83730474727565', true],
  ['ATOM_UTF8_EXT', '83760002c3a9', 'é'],
  ['SMALL_ATOM_UTF8_EXT', '837702c3a9', 'é'],
  ['SMALL_ATOM_EXT, which is Latin-1', '837301e9', 'é'],
  ['atom null', '836400046e756c6c', null],
  ['binary nil', '836d000000036e696c', 'nil'],
  ['empty atom', '83640000', ''],
  ['LARGE_TUPLE_EXT', '836900000002616161ff', [97, 255]],
  ['LARGE_BIG_EXT', '836f0000000800000082e3a84cb504', '339261635191504896'],
  ['SMALL_BIG_EXT of no bytes', '836e0000', 0],
  ['SMALL_BIG_EXT with leading zeros', '836e080101000000000000 00'.replace(' ', ''), -1],
  ['SMALL_BIG_EXT of minus zero', '836e010100', 0],
  ['a key in each kind of atom', '8374000000036400016161017301626102760001636103', { a: 1, b: 2, c: 3 }],
  ['a Latin-1 key', '837400000001640001e96101', { é: 1 }],
  ['a UTF-8 key', '8374000000016d00000002c3a96101', { é: 1 }],
  ['a key nil', '8374000000016400036e696c6101', { nil: 1 }],
  ['a key that is longer than any', `8374000000016d00000050${'61'.repeat(80)}6101`, { ['a'.repeat(80)]: 1 }],
  ['a key twice: the last counts', '83740000000264000161610164000161 6102'.replace(' ', ''), { a: 2 }],
  ['a NUL in a string', '836d0000000100', '\0'],
  ['U+FFFD, which is UTF-8', '836d00000003efbfbd', '\ufffd'],
])('%s', (_name, hex, value) => {
  expect(decode(hex)).toStrictEqual(value)
})

test('a key __proto__ is a key like any other', () => {
  const value = decode('8374000000016400095f5f70726f746f5f5f7400000001640008706f6c6c7574656464000474727565')
  expect(value).toStrictEqual(JSON.parse('{"__proto__":{"polluted":true}}'))
  expect(Object.keys(value as object)).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

describe('malformed', () => {
  test.each([
    ['nothing', '83'],
    ['an unknown tag', '8300'],
    ['a pid', '8358640000000000000000000000000000'],
    ['a compressed term within a term', '835000000001789c'],
    ['a second version byte', '83836101'],
    ['bytes behind the term', '83610161'],
    ['a small integer without its byte', '8361'],
    ['an integer cut short', '8362000000'],
    ['a float cut short', '83463ff80000000000'],
    ['a float that is infinite', '83467ff0000000000000'],
    ['a float that is NaN', '83467ff8000000000000'],
    ['a binary longer than the bytes', '836dffffffff61'],
    ['a binary without its length', '836d0000'],
    ['a binary that is not UTF-8', '836d00000002c328'],
    ['a surrogate in UTF-8', '836d00000003eda080'],
    ['a UTF-8 atom that is not', '837702c328'],
    ['a UTF-8 key that is not', '8374000000017702c3286101'],
    ['an atom longer than the bytes', '8364ffff61'],
    ['a STRING_EXT longer than the bytes', '836bffff61'],
    ['a list of four billion', '836cffffffff6a'],
    ['a list without its tail', '836c000000016101'],
    ['an improper list: [1 | 2]', '836c0000000161016102'],
    ['a tuple longer than the bytes', '8368ff61'],
    ['a large tuple longer than the bytes', '8369ffffffff6101'],
    ['a map of four billion', '8374ffffffff64000161'],
    ['a map without its last value', '83740000000164000161'],
    ['a float as key', '837400000001463ff80000000000006101'],
    ['a list as key', '8374000000016a6101'],
    ['an integer longer than the bytes', '836eff00ff'],
    ['an integer of more than 1,024 bits: 1 bsl 2040', `836f0000010000${'00'.repeat(255)}01`],
    ['an integer of 4 GiB', '836fffffffff00ff'],
  ])('%s', (_name, hex) => {
    expect(() => decode(hex)).toThrow(DecodeError)
  })

  test('the error tells where, and nothing of what is there', () => {
    const bytes = Buffer.concat([Buffer.from('8368026d00000006', 'hex'), Buffer.from('secret'), Buffer.of(1)])
    expect(() => codec.parse(bytes, 1, bytes.length)).toThrow(
      `payload of ${bytes.length} bytes is malformed at byte 14: tag 1 is not one of JSON's kinds`,
    )
  })

  test('deep nesting is read to the limit and refused beyond it, far below what the stack holds', () => {
    expect(JSON.stringify(decode(nested(maxDepth)))).toHaveLength(2 * (maxDepth + 1))
    expect(() => decode(nested(maxDepth + 1))).toThrow('nests deeper')
    expect(() => decode(nested(100_000))).toThrow('nests deeper')
    // A term that failed at the limit leaves nothing behind.
    expect(decode(nested(maxDepth))).toBeInstanceOf(Array)
  })
})
