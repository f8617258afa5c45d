import { describe, expect, test } from 'vitest'

import { DecodeError } from '../../../src/errors.ts'
import { dispatchNames } from '../../../src/protocol/event-names.ts'
import { EtfCodec } from '../../../src/wire/etf/etf-codec.ts'

const codec = new EtfCodec()

interface Envelope {
  readonly op: number
  readonly sequence: number
  readonly type: string
  readonly data: unknown
}

function scan(hex: string): Envelope {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const { op, sequence, type, dataStart, dataEnd } = codec.scan(bytes)
  const data = dataStart === -1 ? undefined : codec.parse(bytes, dataStart, dataEnd)
  return { op, sequence, type, data }
}

// Keys and values of envelopes, as hex.
const key = {
  d: '64000164',
  op: '6400026f70',
  s: '64000173',
  t: '64000174',
  binaryD: '6d0000000164',
  smallOp: '73026f70',
  utf8S: '760001 73',
  smallUtf8T: '770174',
} as const
const nil = '6400036e696c'
const ready = '6400055245414459'
const map = (size: number, ...entries: readonly string[]): string => {
  return `83 74 ${size.toString(16).padStart(8, '0')} ${entries.join(' ')}`
}

test('an envelope as Erlang/OTP 25 writes it', () => {
  const hex =
    '837400000004640001647400000003640007636f6e74656e746d00000002686964000269646e0800000082e3a84cb50464000374747364' +
    '000566616c73656400026f70610064000173612a6400017464000e4d4553534147455f435245415445'
  expect(scan(hex)).toEqual({
    op: 0,
    sequence: 42,
    type: 'MESSAGE_CREATE',
    data: { content: 'hi', id: '339261635191504896', tts: false },
  })
})

test('an envelope as Erlang/OTP writes it with minor version 2, where atoms are UTF-8', () => {
  const hex = '83740000000477016477036e696c77026f70610b77017377036e696c77017477036e696c'
  expect(scan(hex)).toEqual({ op: 11, sequence: -1, type: '', data: null })
})

test.each([
  ['keys in another order', map(4, key.t, ready, key.s, '6101', key.d, '6a', key.op, '6100')],
  [
    'keys of other kinds',
    map(4, key.binaryD, '6a', key.smallOp, '6100', key.utf8S, '6101', key.smallUtf8T, ready),
  ],
  ['a type in a binary', map(4, key.d, '6a', key.op, '6100', key.s, '6101', key.t, '6d000000055245414459')],
  ['numbers as large integers', map(4, key.d, '6a', key.op, '6200000000', key.s, '6e010001', key.t, ready)],
  [
    'keys that nobody knows',
    map(6, '6101', '6a', '64000178', '6a', key.d, '6a', key.op, '6100', key.s, '6101', key.t, ready),
  ],
  [
    'a key twice: the last counts',
    map(5, key.op, '6109', key.d, '6a', key.op, '6100', key.s, '6101', key.t, ready),
  ],
])('%s', (_name, hex) => {
  expect(scan(hex)).toEqual({ op: 0, sequence: 1, type: 'READY', data: [] })
})

test.each([
  ['no d, s and t', map(1, key.op, '610b'), { op: 11, sequence: -1, type: '', data: undefined }],
  [
    'null s and t',
    map(3, key.op, '610b', key.s, nil, key.t, '6400046e756c6c'),
    { op: 11, sequence: -1, type: '', data: undefined },
  ],
  [
    'a type that is the text nil',
    map(2, key.op, '6100', key.t, '6d000000036e696c'),
    { op: 0, sequence: -1, type: 'nil', data: undefined },
  ],
  [
    'a type that nobody knows',
    map(2, key.op, '6100', key.t, '640003414243'),
    { op: 0, sequence: -1, type: 'ABC', data: undefined },
  ],
  [
    'the largest sequence',
    map(2, key.op, '6100', key.s, '6e0700ffffffffffff1f'),
    { op: 0, sequence: 2 ** 53 - 1, type: '', data: undefined },
  ],
  [
    'keys of the envelope within d',
    map(2, key.d, `7400000002 ${key.op} 6109 ${key.t} ${ready}`, key.op, '610a'),
    { op: 10, sequence: -1, type: '', data: { op: 9, t: 'READY' } },
  ],
])('%s', (_name, hex, envelope) => {
  expect(scan(hex)).toEqual(envelope)
})

/** Where the type in an envelope of these entries stands among the documented names. */
function placeOf(...entries: readonly string[]): number {
  const bytes = Buffer.from(map(entries.length / 2, ...entries).replaceAll(' ', ''), 'hex')
  return codec.scan(bytes).typeIndex
}

test('a type comes with its place among the documented names, and without one if it has none', () => {
  for (const [index, name] of dispatchNames.entries()) {
    const text = Buffer.from(name).toString('hex')
    const atom = `6400${name.length.toString(16).padStart(2, '0')}${text}`
    const binary = `6d000000${name.length.toString(16).padStart(2, '0')}${text}`
    expect([placeOf(key.op, '6100', key.t, atom), placeOf(key.t, binary, key.op, '6100')]).toEqual([
      index,
      index,
    ])
    // The header is reused: nothing of the last payload stays.
    expect(placeOf(key.op, '610b')).toBe(-1)
  }
  expect(placeOf(key.op, '6100', key.t, '640003414243')).toBe(-1)
  expect(placeOf(key.op, '610b', key.t, nil)).toBe(-1)
  expect(placeOf(key.op, '6100', key.t, ready, key.t, nil)).toBe(-1)
  expect(placeOf(key.op, '6100', key.t, nil, key.t, ready)).toBe(0)
})

test('d is found and not decoded: what is wrong within it is for whoever reads it', () => {
  const bytes = Buffer.from(map(2, key.d, '6d00000002c328', key.op, '6100').replaceAll(' ', ''), 'hex')
  const { dataStart, dataEnd } = codec.scan(bytes)
  expect([dataStart, dataEnd]).toEqual([10, 17])
  expect(() => codec.parse(bytes, dataStart, dataEnd)).toThrow(DecodeError)
})

test('d of any depth is stepped over', () => {
  const bytes = Buffer.from(
    map(2, key.d, '6801'.repeat(100_000), '6a', key.op, '6100').replaceAll(' ', ''),
    'hex',
  )
  expect(codec.scan(bytes).op).toBe(0)
})

test('an integer is stepped over, however long', () => {
  const bytes = Buffer.from(
    map(2, key.d, `6f0000ffff00${'ff'.repeat(0xffff)}`, key.op, '6100').replaceAll(' ', ''),
    'hex',
  )
  expect(codec.scan(bytes).op).toBe(0)
})

describe('malformed', () => {
  test.each([
    ['nothing', ''],
    ['JSON', Buffer.from('{"op":10}').toString('hex')],
    ['a version alone', '83'],
    ['a list', '836a'],
    ['a compressed term that nobody inflated', '835000000001789c0300000000 01'],
    ['no op', map(1, key.d, '6a')],
    ['an op that is null', map(1, key.op, nil)],
    ['an op that is negative', map(1, key.op, '62ffffffff')],
    ['an op that is text', map(1, key.op, '6d0000000131')],
    ['an s that is a float', map(2, key.op, '6100', key.s, '463ff0000000000000')],
    ['an s beyond 2^53', map(2, key.op, '6100', key.s, '6e070000000000000020')],
    ['an s that is negative and large', map(2, key.op, '6100', key.s, '6e010101')],
    ['a t that is a number', map(2, key.op, '6100', key.t, '6101')],
    ['fewer entries than announced', map(2, key.op, '6100')],
    ['four billion entries', '8374ffffffff'],
    ['bytes behind the map', map(1, key.op, '6100', '6a')],
    ['a d without an end', map(2, key.op, '6100', key.d, '6c000000ff6a')],
    ['a d of an unknown kind', map(2, key.op, '6100', key.d, '5864')],
  ])('%s', (_name, hex) => {
    expect(() => scan(hex)).toThrow(DecodeError)
  })
})

test('payloads behind each other are cut apart', () => {
  const hello = Buffer.from(map(1, key.op, '610a').replaceAll(' ', ''), 'hex')
  const ack = Buffer.from(map(1, key.op, '610b').replaceAll(' ', ''), 'hex')
  expect(codec.split(Buffer.concat([hello, ack, hello]))).toEqual([hello, ack, hello])
  expect(codec.split(hello)).toEqual([hello])
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.concat([hello, Buffer.of(1)]),
    Buffer.concat([hello, ack.subarray(0, 8)]),
  ]) {
    expect(() => codec.split(bytes)).toThrow(DecodeError)
  }
})
