import { expect, test } from 'vitest'

import { CommandError } from '../../../src/errors.ts'
import { commandPayload } from '../../../src/shard/command-payload.ts'
import { EtfCodec } from '../../../src/wire/etf/etf-codec.ts'

const codec = new EtfCodec()
// #{<<"op">> => 3, <<"d">> => …}
const head = '8374000000026d000000026f7061036d0000000164'

function encode(d: unknown): string {
  return codec.pack({ op: 3, d }).toString('hex')
}

test.each([
  ['null is nil, as Elixir has it', null, '73036e696c'],
  ['true', true, '730474727565'],
  ['false', false, '730566616c7365'],
  ['0', 0, '6100'],
  ['255', 255, '61ff'],
  ['256', 256, '6200000100'],
  ['-1', -1, '62ffffffff'],
  ['2^31 - 1', 2 ** 31 - 1, '627fffffff'],
  ['-2^31', -(2 ** 31), '6280000000'],
  ['2^31', 2 ** 31, '6e040000000080'],
  ['-2^31 - 1', -(2 ** 31) - 1, '6e040101000080'],
  ['2^53 - 1', 2 ** 53 - 1, '6e0700ffffffffffff1f'],
  ['2^53, which is no exact integer', 2 ** 53, '464340000000000000'],
  ['1.5', 1.5, '463ff8000000000000'],
  ['-0, which JSON writes as 0', -0, '6100'],
  ['NaN, which JSON writes as null', Number.NaN, '73036e696c'],
  ['text', 'é😀', '6d00000006c3a9f09f9880'],
  ['no text', '', '6d00000000'],
  ['a lone surrogate', '\ud800', '6d00000003efbfbd'],
  [
    'a snowflake stays text',
    '339261635191504896',
    `6d00000012${Buffer.from('339261635191504896').toString('hex')}`,
  ],
  ['an empty list', [], '6a'],
  ['a list', [1, [null]], '6c0000000261016c0000000173036e696c6a6a'],
  ['undefined in a list is null', [undefined], '6c0000000173036e696c6a'],
  ['an empty map', {}, '7400000000'],
  ['a map, its keys binaries', { a: 1 }, '74000000016d00000001616101'],
  ['undefined in a map is left out', { a: undefined, b: 1 }, '74000000016d00000001626101'],
  ['toJSON is asked', new Date(0), `6d00000018${Buffer.from('1970-01-01T00:00:00.000Z').toString('hex')}`],
  ['a key __proto__', JSON.parse('{"__proto__":1}'), '74000000016d000000095f5f70726f746f5f5f6101'],
])('%s', (_name, value, hex) => {
  expect(encode(value)).toBe(head + hex)
})

test('a payload without d', () => {
  expect(codec.pack({ op: 1, d: undefined }).toString('hex')).toBe('8374000000016d000000026f706101')
})

test('a bigint and a circle are refused as JSON refuses them', () => {
  const circle: unknown[] = []
  circle.push(circle)
  expect(() => encode(1n)).toThrow(TypeError)
  expect(() => encode(circle)).toThrow(TypeError)
})

test('what nests too deep is refused, and the next command is not harmed', () => {
  let deep: unknown = 1
  for (let level = 0; level < 600; level += 1) deep = [deep]
  expect(() => encode(deep)).toThrow(CommandError)
  expect(encode(1)).toBe(`${head}6101`)
})

test('a toJSON that packs another payload disturbs neither', () => {
  let inner = ''
  const outer = encode({
    toJSON: () => {
      inner = encode('inner')
      return 1
    },
  })
  expect([outer, inner]).toEqual([`${head}6101`, `${head}6d00000005${Buffer.from('inner').toString('hex')}`])
})

test('a payload of megabytes is whole, and its bytes are its own', () => {
  const text = 'x'.repeat(5_000_000)
  const first = codec.pack({ op: 3, d: text })
  const second = codec.pack({ op: 3, d: 'y' })
  const { dataStart, dataEnd } = codec.scan(first)
  expect(codec.parse(first, dataStart, dataEnd)).toBe(text)
  expect(second.toString('hex')).toBe(`${head}6d0000000179`)
})

test('a command given as JSON text is written as a term; 4,096 bytes of it may leave', () => {
  const { payload, op, data } = commandPayload('{"op":3,"d":{"afk":false}}', codec)
  expect(payload).toEqual(codec.pack({ op: 3, d: { afk: false } }))
  expect([op, data]).toEqual([3, { afk: false }])
  const overhead = codec.pack({ op: 3, d: '' }).length
  expect(commandPayload({ op: 3, d: 'x'.repeat(4096 - overhead) } as never, codec).payload).toHaveLength(4096)
  expect(() => commandPayload({ op: 3, d: 'x'.repeat(4097 - overhead) } as never, codec)).toThrow(
    /4097 bytes exceeds/,
  )
})
