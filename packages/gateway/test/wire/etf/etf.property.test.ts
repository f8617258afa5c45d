import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { DecodeError } from '../../../src/errors.ts'
import { EtfCodec } from '../../../src/wire/etf/etf-codec.ts'
import { read, write } from './erlang-js.ts'

const codec = new EtfCodec()

const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed())
const key = fc.oneof(
  fc.constantFrom('id', 'guild_id', 'op', 'd', 's', 't', '__proto__', 'constructor', 'nil', '0', '7', ''),
  text,
)
const fraction = fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true })
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fraction,
  fc.constantFrom(0, 255, 256, 2 ** 31, -(2 ** 31), 2 ** 53, 1e300),
)

/** Any value that JSON has, as `JSON.parse` makes it, with these numbers. */
function jsonWith(numbers: fc.Arbitrary<number>): fc.Arbitrary<unknown> {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      numbers,
      text,
      fc.constantFrom(null, true, false, '339261635191504896'),
      fc.array(tie('value')),
      fc.array(fc.nat(255)),
      fc.array(fc.tuple(key, tie('value'))).map((entries) => Object.fromEntries(entries)),
    ),
  }))
  return value.map((item) => JSON.parse(JSON.stringify(item)) as unknown)
}
const json = jsonWith(number)

/** Not by `toStrictEqual`, which asks an object for its key `constructor`. */
function isSame(found: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(found, expected)
}

function dataOf(bytes: Buffer): unknown {
  const { dataStart, dataEnd } = codec.scan(bytes)
  return codec.parse(bytes, dataStart, dataEnd)
}

function everything(bytes: Buffer): unknown {
  return codec.parse(bytes, 1, bytes.length)
}

test('what is packed is what is read', () => {
  fc.assert(
    fc.property(json, fc.nat(255), (d, op) => {
      const bytes = codec.pack({ op, d })
      expect(codec.scan(bytes).op).toBe(op)
      expect(isSame(dataOf(bytes), d)).toBe(true)
      expect(codec.split(Buffer.concat([bytes, bytes]))).toEqual([bytes, bytes])
    }),
    { numRuns: 2_000 },
  )
})

test('erlang_js reads what we pack as the same value', () => {
  fc.assert(
    fc.property(json, (d) => {
      expect(isSame(read(codec.pack({ op: 3, d })), { op: 3, d })).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('we read what erlang_js writes as the same value', () => {
  const keys = fc.constantFrom('atoms' as const, 'latin1-atoms' as const, 'binaries' as const)
  // It writes whole numbers of more than 32 bits wrongly; those are in the vectors that Erlang itself wrote.
  const numbers = fc.oneof(fc.integer(), fraction)
  fc.assert(
    fc.property(jsonWith(numbers), keys, (d, kind) => {
      expect(isSame(everything(write(d, kind)), d)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('of an integer an exact number is made, or its decimals', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 1023n), max: 2n ** 1023n }), fc.boolean(), (integer, isLarge) => {
      const digits = Buffer.from((integer < 0n ? -integer : integer).toString(16).padStart(256, '0'), 'hex')
      const magnitude = digits.toReversed()
      const isSafe = Number.isSafeInteger(Number(integer))
      const expected = isSafe ? Number(integer) : String(integer)
      const sign = integer < 0n ? 1 : 0
      const term = isLarge
        ? [131, 111, 0, 0, 0, 128, sign, ...magnitude]
        : [131, 110, 128, sign, ...magnitude]
      expect(everything(Buffer.from(term))).toBe(expected)
    }),
  )
})

test('bytes that are no payload are a DecodeError, whatever they are', () => {
  const tag = fc.constantFrom(70, 80, 97, 98, 100, 104, 105, 106, 107, 108, 109, 110, 111, 115, 116, 118, 119)
  const small = fc.constantFrom(0, 0, 0, 1, 2, 4, 255)
  const anything = fc
    .array(fc.oneof(tag, small, fc.nat(255)), { maxLength: 200 })
    .map((bytes) => Buffer.from([131, ...bytes]))
  fc.assert(
    fc.property(
      fc.oneof(
        anything,
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        expect(wrongErrors(bytes)).toEqual([])
      },
    ),
    {
      numRuns: 20_000,
    },
  )
})

test('payloads that were damaged are a DecodeError or another value', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(json, damage, fc.nat(), (d, changes, cut) => {
      const bytes = codec.pack({ op: 0, d })
      expect(wrongErrors(bytes.subarray(0, cut % bytes.length))).toEqual([])
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte
      expect(wrongErrors(bytes)).toEqual([])
    }),
    { numRuns: 5_000 },
  )
})

/** Does everything that can be done with a payload; returns what was thrown other than a DecodeError. */
function wrongErrors(bytes: Buffer): unknown[] {
  const wrong: unknown[] = []
  for (const use of [dataOf, everything, (payload: Buffer) => codec.split(payload)]) {
    try {
      use(bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) wrong.push(error)
    }
  }
  return wrong
}
