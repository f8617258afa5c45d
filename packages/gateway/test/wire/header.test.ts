import { describe, expect, test } from 'vitest'

import { DecodeError } from '../../src/errors.ts'
import { dispatchNames } from '../../src/protocol/event-names.ts'
import { HeaderScanner, type Header } from '../../src/wire/header.ts'

const scanner = new HeaderScanner()

function scan(text: string): Header {
  return { ...scanner.scan(Buffer.from(text)) }
}

function data(text: string): string {
  const { dataStart, dataEnd } = scan(text)
  return Buffer.from(text).toString('utf8', dataStart, dataEnd)
}

describe("in Discord's order", () => {
  test('a dispatch', () => {
    const text = '{"t":"MESSAGE_CREATE","s":42,"op":0,"d":{"content":"é","nested":{"op":9}}}'
    expect(scan(text)).toMatchObject({ op: 0, sequence: 42, type: 'MESSAGE_CREATE' })
    expect(data(text)).toBe('{"content":"é","nested":{"op":9}}')
  })

  test('a payload of the protocol itself', () => {
    const text = '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250,"_trace":["[\\"x\\"]"]}}'
    expect(scan(text)).toMatchObject({ op: 10, sequence: -1, type: '' })
  })

  test.each(['null', 'true', 'false', '5', '"text"', '[]', '{}'])('data %s', (value) => {
    expect(data(`{"t":null,"s":null,"op":11,"d":${value}}`)).toBe(value)
  })

  test('a name that nobody knows, and one that begins or ends as another', () => {
    for (const type of ['NEW_EVENT', 'READY2', 'READ', 'MESSAGE_CREATE_', 'Ä']) {
      expect(scan(`{"t":"${type}","s":1,"op":0,"d":{}}`)).toMatchObject({ type, typeIndex: -1 })
    }
  })

  test.each(dispatchNames.map((type, typeIndex) => ({ type, typeIndex })))(
    'the place of $type',
    (expected) => {
      expect(scan(`{"t":"${expected.type}","s":1,"op":0,"d":{}}`)).toMatchObject(expected)
    },
  )

  test('numbers beyond 32 bits', () => {
    expect(scan('{"t":null,"s":999999999999999,"op":4294967296,"d":{}}')).toMatchObject({
      op: 4_294_967_296,
      sequence: 999_999_999_999_999,
    })
    expect(scan('{"t":null,"s":9007199254740991,"op":0,"d":{}}').sequence).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('the same object is given again', () => {
    const first = scanner.scan(Buffer.from('{"t":"READY","s":1,"op":0,"d":{}}'))
    expect(scanner.scan(Buffer.from('{"op":11}'))).toBe(first)
    expect(first).toEqual({ op: 11, sequence: -1, type: '', typeIndex: -1, dataStart: -1, dataEnd: -1 })
  })
})

describe('payloads of the protocol', () => {
  test.each([
    ['{"t":null,"s":null,"op":9,"d":false}', 9, 'false'],
    ['{"t":null,"s":null,"op":9,"d":true}', 9, 'true'],
    ['{"t":null,"s":null,"op":7,"d":null}', 7, 'null'],
    ['{"t":null,"s":null,"op":11,"d":null}', 11, 'null'],
    ['{"t":null,"s":null,"op":1,"d":251}', 1, '251'],
    ['{"op":11}', 11, ''],
    ['{"op":9,"d":false}', 9, 'false'],
    ['{"op":7,"d":null,"s":null,"t":null}', 7, 'null'],
    ['{"d":{"heartbeat_interval":41250},"op":10,"s":null,"t":null}', 10, '{"heartbeat_interval":41250}'],
  ])('%s', (text, op, value) => {
    expect(scan(text)).toMatchObject({ op, sequence: -1, type: '' })
    expect(scan(text).dataStart === -1 ? '' : data(text)).toBe(value)
  })

  test('sequence 0 is a sequence', () => {
    expect(scan('{"t":"RESUMED","s":0,"op":0,"d":{}}').sequence).toBe(0)
    expect(scan('{"op":0,"s":0,"t":"RESUMED"}').sequence).toBe(0)
  })

  test.each([
    ['s', '{"t":"READY","op":0,"d":{"s":5}}', { sequence: -1, type: 'READY' }],
    ['t', '{"s":5,"op":0,"d":{"t":"READY"}}', { sequence: 5, type: '' }],
    ['both', '{"op":0,"d":{}}', { sequence: -1, type: '' }],
  ])('a dispatch without %s', (_, text, expected) => {
    expect(scan(text)).toMatchObject({ op: 0, ...expected })
  })

  test.each(['9007199254740992', '1e400', '-9007199254740993', '123456789012345678901234567890'])(
    'a sequence of %s is refused in either order: it would not count',
    (number) => {
      expect(() => scan(`{"t":"READY","s":${number},"op":0,"d":{}}`)).toThrow(DecodeError)
      expect(() => scan(`{"op":0,"s":${number}}`)).toThrow(DecodeError)
    },
  )
})

describe('in another form', () => {
  test.each([
    ['data first', '{"d":{"op":9,"s":3,"t":"evil"},"op":0,"s":7,"t":"X"}', { op: 0, sequence: 7, type: 'X' }],
    ['nested keys without outer ones', '{"op":10,"d":{"t":"no","s":1}}', { op: 10, sequence: -1, type: '' }],
    ['spaces', ' { "t" : "X" , "s" : 1 , "op" : 0 , "d" : { } } \n', { op: 0, sequence: 1, type: 'X' }],
    ['escaped keys', String.raw`{"\u0074":"X","\u006fp":3}`, { op: 3, type: 'X' }],
    ['an escaped name', String.raw`{"t":"A\u0042","s":1,"op":0,"d":{}}`, { type: 'AB' }],
    ['keys twice', '{"op":1,"op":2,"t":"A","t":null,"s":5,"s":6}', { op: 2, sequence: 6, type: '' }],
    ['a key of a wrong type, then of a right one', '{"op":"x","op":2}', { op: 2 }],
    ['numbers with exponents', '{"op":1e1,"s":-0}', { op: 10, sequence: 0 }],
  ])('%s', (_, text, expected) => {
    expect(scan(text)).toMatchObject(expected)
  })

  test.each(['null', '{}', '{"a":[]}', '5'])('data %s, and a key behind it', (value) => {
    for (const extra of ['1', 'null', '"x"', '[]']) {
      const text = `{"t":"READY","s":1,"op":0,"d":${value},"extra":${extra}}`
      expect(scan(text)).toMatchObject({ op: 0, sequence: 1, type: 'READY' })
      expect(data(text)).toBe(value)
    }
  })

  test('the data of the last of two', () => {
    expect(data('{"d":1,"op":0,"d":[2,{"d":3}]}')).toBe('[2,{"d":3}]')
  })

  test('a hundred thousand levels do not exhaust the stack', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(data(`{"d":${deep},"op":0}`)).toBe(deep)
  })
})

test.each([
  ['nothing', ''],
  ['a number', '5'],
  ['an array', '[{"op":0}]'],
  ['null', 'null'],
  ['no op', '{"t":null,"s":null,"d":{}}'],
  ['op null', '{"op":null}'],
  ['op negative', '{"op":-1}'],
  ['op fractional', '{"op":1.5}'],
  ['op text', '{"op":"0"}'],
  ['s text', '{"op":0,"s":"1"}'],
  ['s negative', '{"t":"X","s":-1,"op":0,"d":{}}'],
  ['t a number', '{"op":0,"t":5}'],
  ['a leading zero', '{"t":null,"s":01,"op":0,"d":{}}'],
  ['bytes behind it', '{"t":null,"s":null,"op":11,"d":null}x'],
  ['a second document', '{"op":11}{"op":11}'],
  ['cut in a string', '{"t":"READ'],
  ['cut in data', '{"t":"READY","s":1,"op":0,"d":{"a":"b"}'],
  ['cut behind a comma', '{"op":0,'],
  ['a comma too many', '{"op":0,}'],
  ['a byte order mark', '\uFEFF{"op":0}'],
  ['a control character in a name', '{"t":"READY\n","s":1,"op":0,"d":{"a":1}}'],
  ['a control character in a key', '{"o\np":0,"op":0}'],
])('%s is a DecodeError', (_, text) => {
  expect(() => scan(text)).toThrow(DecodeError)
  expect(() => scan(text)).toThrow(expect.objectContaining({ code: 'DECODE_PAYLOAD' }))
})

test('an error does not show what the payload holds', () => {
  expect(() => scan('{"op":0,"d":"secret"')).toThrow(expect.not.stringContaining('secret'))
})
