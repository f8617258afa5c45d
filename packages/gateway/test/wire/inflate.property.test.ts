import { deflateSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createInflater } from '../../src/wire/inflate/create-inflater.ts'
import type { Compression, Inflater } from '../../src/wire/inflate/inflater.ts'
import { compress, cutAt, inflateAll } from './compressed-stream.ts'

const maxInflatedBytes = 8 * 1024 * 1024

function inflater(compression: Compression): Inflater {
  return createInflater(compression, { maxInflatedBytes })
}

/** Text that compresses badly (a wide alphabet) or well, of so many bytes. */
function filler(bytes: number, alphabet: number, seed: number): string {
  let state = seed
  const codes = Buffer.allocUnsafe(bytes)
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    codes[at] = 0x30 + ((state >>> 24) % alphabet)
  }
  return codes.toString('latin1').replaceAll('\\', '/')
}

const small = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value))
// Around and above the decoder's buffer of 128 KiB.
const large = fc
  .tuple(fc.integer({ min: 100_000, max: 400_000 }), fc.constantFrom(2, 16, 64), fc.nat())
  .map((shape) => JSON.stringify({ filler: filler(...shape) }))
const payloads = fc.array(fc.oneof({ weight: 40, arbitrary: small }, { weight: 1, arbitrary: large }), {
  minLength: 1,
  maxLength: 12,
})
const places = fc.array(fc.nat(), { maxLength: 24 })
const big = JSON.stringify({ filler: filler(1_000_000, 64, 7) })

describe('zlib-stream', () => {
  test('a stream cut anywhere, with payloads split and glued', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, places, async (texts, cuts) => {
        const stream = Buffer.concat(await compress('zlib', texts))
        const zlib = inflater('zlib-stream')
        expect(inflateAll(zlib, cutAt(stream, cuts))).toEqual(texts)
        expect(zlib.bytesIn).toBe(stream.length)
        zlib.close()
      }),
      { numRuns: 300 },
    )
  })

  test('cuts within and around the flush marker', async () => {
    const nearMarker = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 5 })), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.array(small, { minLength: 2, maxLength: 8 }), nearMarker, async (texts, cuts) => {
        const messages = await compress('zlib', texts)
        const ends: number[] = []
        let length = 0
        for (const message of messages) ends.push((length += message.length))
        const cutPlaces = cuts.map(([index, before]) => (ends[index % ends.length] ?? 0) - before)
        expect(inflateAll(inflater('zlib-stream'), cutAt(Buffer.concat(messages), cutPlaces))).toEqual(texts)
      }),
      { numRuns: 300 },
    )
  })

  test('a byte at a time', async () => {
    const texts = ['{"op":10}', '{"op":0,"d":"é😀"}', '{"op":11}']
    const stream = Buffer.concat(await compress('zlib', texts))
    const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1))
    expect(inflateAll(inflater('zlib-stream'), bytes)).toEqual(texts)
  })

  test('a megabyte between small payloads, in one message and in many', async () => {
    const texts = ['{"op":10}', big, '{"op":11}', big, '{}']
    const messages = await compress('zlib', texts)
    expect(inflateAll(inflater('zlib-stream'), messages)).toEqual(texts)
    const many = messages.flatMap((message) =>
      cutAt(
        message,
        Array.from({ length: 50 }, (_, index) => index * 16_001),
      ),
    )
    expect(inflateAll(inflater('zlib-stream'), many)).toEqual(texts)
  })
})

test('zstd-stream: a payload in each message', async () => {
  await fc.assert(
    fc.asyncProperty(payloads, async (texts) => {
      const messages = await compress('zstd', texts)
      const zstd = inflater('zstd-stream')
      expect(inflateAll(zstd, messages)).toEqual(texts)
      expect(zstd.bytesOut).toBe(texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0))
      zstd.close()
    }),
    { numRuns: 300 },
  )
})

test('zstd-stream: a megabyte between small payloads', async () => {
  const texts = ['{"op":10}', big, '{"op":11}', big, '{}']
  expect(inflateAll(inflater('zstd-stream'), await compress('zstd', texts))).toEqual(texts)
})

test('payload: text, or a whole zlib stream', () => {
  const levels = fc.constantFrom<(number | undefined)[]>(undefined, 0, 1, 6, 9)
  const message = fc.tuple(
    fc.oneof({ weight: 40, arbitrary: small }, { weight: 1, arbitrary: large }),
    levels,
  )
  fc.assert(
    fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
      const payload = inflater('payload')
      const handedOut = messages.map(([text, level]) =>
        level === undefined
          ? payload.inflate(Buffer.from(text), false)
          : payload.inflate(deflateSync(text, { level }), true),
      )
      expect(handedOut.map(String)).toEqual(messages.map(([text]) => text))
      payload.close()
    }),
    { numRuns: 300 },
  )
})

test('payload: a megabyte', () => {
  expect(String(inflater('payload').inflate(deflateSync(big), true))).toBe(big)
})

test('none: what comes is the payload', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(small, fc.boolean())), (messages) => {
      const none = inflater('none')
      const handedOut = messages.map(([text, isBinary]) => none.inflate(Buffer.from(text), isBinary))
      expect(handedOut.map(String)).toEqual(messages.map(([text]) => text))
    }),
  )
})

test('connections that take turns do not disturb each other, nor what was handed out', async () => {
  const formats = ['zlib', 'zstd'] as const
  const connection = fc.tuple(fc.constantFrom(...formats), payloads, places)
  await fc.assert(
    fc.asyncProperty(fc.array(connection, { minLength: 2, maxLength: 4 }), async (connections) => {
      const peers = await Promise.all(
        connections.map(async ([format, texts, cuts]) => {
          const messages = await compress(format, texts)
          // Zlib payloads cut but not glued: each end is a message's end.
          const cut = messages.flatMap((message) => cutAt(message, cuts))
          return {
            texts,
            messages: format === 'zlib' ? cut : messages,
            inflater: inflater(`${format}-stream`),
            handedOut: [] as Buffer[],
          }
        }),
      )
      const rounds = Math.max(...peers.map(({ messages }) => messages.length))
      for (let round = 0; round < rounds; round += 1) {
        for (const peer of peers) {
          const message = peer.messages[round]
          const bytes = message && peer.inflater.inflate(message, true)
          if (bytes) peer.handedOut.push(bytes)
        }
      }
      for (const { texts, handedOut } of peers) expect(handedOut.map(String)).toEqual(texts)
    }),
    { numRuns: 100 },
  )
})
