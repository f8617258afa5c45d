import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { etfEncoding } from '../src/encoding/etf-encoding.ts'
import { EtfReader } from '../src/encoding/etf-reader.ts'
import { EtfWriter } from '../src/encoding/etf-writer.ts'
import { defaultSwitches } from '../src/index.ts'

const writer = new EtfWriter(defaultSwitches)
const encoding = etfEncoding(defaultSwitches)

function write(value: unknown): string {
  return `83${writer.write(value).toString('hex')}`
}

function read(hex: string): unknown {
  return EtfReader.read(Buffer.from(hex, 'hex'), 1, 'any')
}

/** What `term_to_binary` of Erlang/OTP 25 makes of the same terms. */
const written: readonly (readonly [source: string, hex: string, value: unknown])[] = [
  ['nil', '836400036e696c', null],
  ['true', '8364000474727565', true],
  ['<<"é😀"/utf8>>', '836d00000006c3a9f09f9880', 'é😀'],
  ['255', '8361ff', 255],
  ['256', '836200000100', 256],
  ['-1', '8362ffffffff', -1],
  ['-2147483648', '836280000000', -2_147_483_648],
  ['2147483648', '836e040000000080', 2_147_483_648],
  ['-2147483649', '836e040101000080', -2_147_483_649],
  ['9007199254740991', '836e0700ffffffffffff1f', 9_007_199_254_740_991],
  ['1.5', '83463ff8000000000000', 1.5],
  ['[]', '836a', []],
  ['[0, 1]', '836b00020001', [0, 1]],
  ['[0, 256]', '836c00000002610062000001006a', [0, 256]],
  ['[[], [[]]]', '836c000000026a6c000000016a6a6a', [[], [[]]]],
  ['#{}', '837400000000', {}],
  [
    '#{heartbeat_interval => 41250, \'_trace\' => [<<"x">>]}',
    '8374000000026400065f74726163656c000000016d00000001786a640012686561727462656174' +
      '5f696e74657276616c620000a122',
    { heartbeat_interval: 41_250, _trace: ['x'] },
  ],
]

test.each(written)('%s is written as Erlang writes it, and read', (_source, hex, value) => {
  expect(write(value)).toBe(hex)
  expect(read(hex)).toStrictEqual(value)
})

const id = '339261635191504896'
const asInteger = '6e0800000082e3a84cb504'
const asText = `6d00000012${Buffer.from(id).toString('hex')}`

test.each([
  ['id', { id }, `7400000001640002 6964 ${asInteger}`],
  ['guild_id', { guild_id: id }, `7400000001 640008 6775696c645f6964 ${asInteger}`],
  ['role_ids', { role_ids: [id] }, `7400000001 640008 726f6c655f696473 6c00000001 ${asInteger} 6a`],
  ['roles', { roles: [id] }, `7400000001 640005 726f6c6573 6c00000001 ${asInteger} 6a`],
  ['content', { content: id }, `7400000001 640007 636f6e74656e74 ${asText}`],
  ['the largest', { id: '18446744073709551615' }, '7400000001 640002 6964 6e0800ffffffffffffffff'],
  ['the smallest', { id: '10000000000000000' }, '7400000001 640002 6964 6e07000000c16ff28623'],
])('%s: whether a snowflake becomes an integer', (_name, value, hex) => {
  expect(writer.write(value).toString('hex')).toBe(hex.replaceAll(' ', ''))
  expect(EtfReader.read(writer.write(value), 0, 'any')).toStrictEqual(value)
})

test.each(['18446744073709551616', '1234', '00000000000000001', '1e17', `${id} `, '-339261635191504896'])(
  'id %j stays text',
  (value) => expect(writer.write({ id: value }).includes(value)).toBe(true),
)

test('switches write snowflakes as text and keys as binaries', () => {
  const plain = new EtfWriter({ etfSnowflakes: 'string', etfKeys: 'binary' })
  expect(plain.write({ id }).toString('hex')).toBe(`74000000016d000000026964${asText}`)
})

test('keys that are data are binaries; keys come in order; what JSON leaves out is left out', () => {
  const value = { b: 1, a: undefined, [id]: 2, é: new Date(0), f: () => 1 }
  const expected = `7400000003${asText}6102 64000162 6101 6d00000002c3a9 6d00000018`.replaceAll(' ', '')
  expect(writer.write(value).toString('hex').startsWith(expected)).toBe(true)
  expect(EtfReader.read(writer.write(value), 0, 'any')).toEqual(JSON.parse(JSON.stringify(value)))
  expect(() => writer.write({ a: 1n })).toThrow(TypeError)
})

test('a status is an atom, as Discord has it', () => {
  expect(writer.write({ status: 'online' }).toString('hex')).toBe(
    '7400000001640006737461747573640006 6f6e6c696e65'.replace(' ', ''),
  )
  expect(writer.write({ status: 'Other' }).toString('hex')).toContain('6d00000005')
})

test('dispatches and other payloads have the keys d, op, s, t, all atoms', () => {
  const body = encoding.body({ id })
  const dispatch = encoding.dispatch({ type: 'READY', sequence: 300, encoding, body })
  expect(dispatch.toString('hex')).toBe(
    `8374000000046400 0164${body.toString('hex')}6400026f706100640001736200 00012c64000174640005 5245414459`.replaceAll(
      ' ',
      '',
    ),
  )
  // As Erlang/OTP 25 writes #{op => 10, s => nil, t => nil, d => #{…}}.
  expect(encoding.payload(10, { heartbeat_interval: 41_250, _trace: ['x'] }).toString('hex')).toBe(
    '8374000000046400016474000000026400065f74726163656c000000016d00000001786a6400126865617274626561745f696e74657276616c62' +
      '0000a1226400026f70610a640001736400036e696c640001746400036e696c',
  )
})

const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed())
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.constantFrom(null, true, false, id),
    fc.array(tie('value')),
    fc.array(fc.nat(255)),
    fc
      .array(
        fc.tuple(fc.oneof(text, fc.constantFrom('id', 'x_id', 'roles', '__proto__', 'nil')), tie('value')),
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
}))
const json = value.map((item) => JSON.parse(JSON.stringify(item)) as unknown)

test('what is written is what is read, in both ways to write it', () => {
  const plain = new EtfWriter({ etfSnowflakes: 'string', etfKeys: 'binary' })
  fc.assert(
    fc.property(json, (item) => {
      expect(isDeepStrictEqual(EtfReader.read(writer.write(item), 0, 'any'), item)).toBe(true)
      expect(isDeepStrictEqual(EtfReader.read(plain.write(item), 0, 'binary'), item)).toBe(true)
      expect(isDeepStrictEqual(encoding.data(encoding.body(item)), item)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('bytes that are no term are an error and nothing else', () => {
  const byte = fc.oneof(
    fc.constantFrom(70, 97, 98, 100, 104, 105, 106, 107, 108, 109, 110, 111, 115, 116, 119, 0),
    fc.nat(255),
  )
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 200 }), (bytes) => {
      try {
        encoding.read(Buffer.from([131, ...bytes]))
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect(error).not.toBeInstanceOf(TypeError)
      }
    }),
    { numRuns: 5_000 },
  )
})

describe('what no client may send', () => {
  test.each([
    ['nothing', ''],
    ['JSON', Buffer.from('{"op":1}').toString('hex')],
    ['a key that is an atom', '8374000000016400026f706101'],
    ['a key that is a number', '83740000000161016101'],
    ['an atom deep within', '8374000000016d00000001 64740000000164000161 6101'],
    ['a compressed term', '83500000000b789c2b61606049cd2f6064040008e001c9'],
    ['bytes behind the term', '83740000000000'],
    ['a binary without an end', '836d000000ff61'],
    ['a list of four billion', '836cffffffff6a'],
    ['an improper list', '836c0000000161016102'],
    ['text that is not UTF-8', '836d00000002c328'],
    ['an integer of 65 bytes', `836e4100${'01'.repeat(65)}`],
    ['a float that is no number', '83467ff8000000000000'],
    ['a depth of 257', `83${'6801'.repeat(257)}6a`],
    ['a function', '8371640001616400016161 00'],
  ])('%s', (_name, hex) => {
    expect(() => encoding.read(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(Error)
  })
})
