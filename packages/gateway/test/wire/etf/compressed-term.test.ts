import { deflateSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DecodeError } from '../../../src/errors.ts'
import { EtfCodec } from '../../../src/wire/etf/etf-codec.ts'
import { createInflater } from '../../../src/wire/inflate/create-inflater.ts'
import type { Inflater } from '../../../src/wire/inflate/inflater.ts'

const codec = new EtfCodec()

function inflater(maxInflatedBytes = 1_000_000, compression: 'payload' | 'none' = 'payload'): Inflater {
  return createInflater(compression, { maxInflatedBytes }, 'etf')
}

/** A compressed term that says it has `announced` bytes. */
function compressed(term: Buffer, announced = term.length): Buffer {
  const head = Buffer.from([131, 80, 0, 0, 0, 0])
  head.writeUInt32BE(announced, 2)
  return Buffer.concat([head, deflateSync(term)])
}

const payload = codec.pack({ op: 0, d: { text: 'x'.repeat(50_000) } })
const term = payload.subarray(1)

describe.each(['payload', 'none'] as const)('compression %s', (compression) => {
  test('a compressed term, as Erlang/OTP 25 writes it', () => {
    // term_to_binary(#{op => 0, s => 7, t => 'USER_UPDATE', d => #{bio => <<"aa…">>}}, [compressed])
    const message = Buffer.from(
      '835000000088789c2b616060604961604c290132185318989332f37381cc80442a831406a6fc824406a055c589ec40b22485813b34d835283e34' +
        'c0c531c41500dfc829f4',
      'hex',
    )
    const bytes = inflater(1_000_000, compression).inflate(message, true)
    const { op, sequence, type, dataStart, dataEnd } = codec.scan(bytes ?? Buffer.alloc(0))
    expect([op, sequence, type]).toEqual([0, 7, 'USER_UPDATE'])
    expect(codec.parse(bytes ?? Buffer.alloc(0), dataStart, dataEnd)).toEqual({ bio: 'a'.repeat(80) })
  })

  test('compressed and plain terms and zlib streams take turns, and all bytes are counted', () => {
    const each = inflater(1_000_000, compression)
    const messages = [payload, compressed(term), deflateSync(payload), payload, compressed(term)]
    for (const message of messages) expect(each.inflate(message, true)).toEqual(payload)
    expect(each.bytesIn).toBe(messages.reduce((sum, { length }) => sum + length, 0))
    expect(each.bytesOut).toBe(messages.length * payload.length)
    expect(each.capacityBytes).toBeGreaterThan(0)
    each.close()
    expect(each.capacityBytes).toBe(0)
    expect(() => each.inflate(compressed(term), true)).toThrow(DecodeError)
  })
})

test('a term of exactly the limit is read; one byte more is refused before anything is inflated', () => {
  expect(inflater(payload.length).inflate(compressed(term), true)).toEqual(payload)
  expect(() => inflater(payload.length - 1).inflate(compressed(term), true)).toThrow(
    /announces \d+ bytes, the limit is/,
  )
  const bomb = Buffer.concat([Buffer.from([131, 80, 255, 255, 255, 255]), deflateSync(Buffer.alloc(10))])
  expect(() => inflater().inflate(bomb, true)).toThrow(/announces 4294967295 bytes/)
})

test('a term that inflates to more than it announces is refused at the limit', () => {
  expect(() => inflater(1_000).inflate(compressed(term, 10), true)).toThrow(/larger than 1000 bytes/)
})

test.each([
  ['fewer bytes than announced', compressed(term, term.length + 1)],
  ['more bytes than announced', compressed(term, term.length - 1)],
  ['no bytes', compressed(Buffer.alloc(0), 5)],
  ['half a stream', compressed(term).subarray(0, 40)],
  ['bytes behind the stream', Buffer.concat([compressed(term), Buffer.of(1)])],
  ['no stream', Buffer.from([131, 80, 0, 0, 0, 1])],
  ['half a size', Buffer.from([131, 80, 0, 0])],
  ['something else', Buffer.from([131, 80, 0, 0, 0, 4, 1, 2, 3, 4])],
])('%s', (_name, message) => {
  expect(() => inflater().inflate(message, true)).toThrow(DecodeError)
})

test('messages that are anything at all are passed on or a DecodeError', () => {
  const start = fc.constantFrom([131, 80, 0, 0, 0, 9, 0x78, 0x9c], [131, 80, 0, 0], [0x78, 0x9c], [131], [])
  fc.assert(
    fc.property(start, fc.uint8Array(), (head, rest) => {
      const each = inflater(10_000)
      try {
        each.inflate(Buffer.from([...head, ...rest]), true)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      } finally {
        each.close()
      }
    }),
    { numRuns: 500 },
  )
})
