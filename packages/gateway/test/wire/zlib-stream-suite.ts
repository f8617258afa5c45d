import { deflateSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DecodeError, type ErrorCode } from '../../src/errors.ts'
import type { Inflater } from '../../src/wire/inflate/inflater.ts'
import { compress, cutAt, inflateAll } from './compressed-stream.ts'
import { big, filler, payloads, places, small } from './payload-arbitrary.ts'

/** What a zlib-stream must be inflated to, whichever library does it. Called where tests are collected. */
export function zlibStreamSuite(create: (maxInflatedBytes: number) => Inflater): void {
  const inflater = (maxInflatedBytes = 8 * 1024 * 1024): Inflater => create(maxInflatedBytes)

  describe('any cutting', () => {
    test('a stream cut anywhere, with payloads split and glued', async () => {
      await fc.assert(
        fc.asyncProperty(payloads, places, async (texts, cuts) => {
          const stream = Buffer.concat(await compress('zlib', texts))
          const zlib = inflater()
          expect(inflateAll(zlib, cutAt(stream, cuts))).toEqual(texts)
          expect(zlib.bytesIn).toBe(stream.length)
          zlib.close()
        }),
        { numRuns: 200 },
      )
    })

    test('cuts within and around the flush marker', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(small, { minLength: 2, maxLength: 8 }), nearMarker, async (texts, cuts) => {
          const messages = await compress('zlib', texts)
          const ends: number[] = []
          let length = 0
          for (const message of messages) ends.push((length += message.length))
          const cutPlaces = cuts.map(([index, before]) => (ends[index % ends.length] ?? 0) - before)
          expect(inflateAll(inflater(), cutAt(Buffer.concat(messages), cutPlaces))).toEqual(texts)
        }),
        { numRuns: 200 },
      )
    })

    test('a byte at a time', async () => {
      const texts = [
        '{"op":10}',
        '{"op":0,"d":"é😀"}',
        JSON.stringify({ d: 'x'.repeat(100_000) }),
        '{"op":11}',
      ]
      const stream = Buffer.concat(await compress('zlib', texts))
      const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1))
      expect(inflateAll(inflater(), bytes)).toEqual(texts)
    })

    test('a megabyte between small payloads, in one message and in many', async () => {
      const texts = ['{"op":10}', big, '{"op":11}', big, '{}']
      const messages = await compress('zlib', texts)
      expect(inflateAll(inflater(), messages)).toEqual(texts)
      const many = messages.flatMap((message) =>
        cutAt(
          message,
          Array.from({ length: 50 }, (_, index) => index * 16_001),
        ),
      )
      expect(inflateAll(inflater(), many)).toEqual(texts)
    })

    test('connections that take turns do not disturb each other, nor what was handed out', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(payloads, { minLength: 2, maxLength: 3 }), async (streams) => {
          const peers = await Promise.all(
            streams.map(async (texts) => ({
              texts,
              messages: await compress('zlib', texts),
              inflater: inflater(),
              handedOut: [] as Buffer[],
            })),
          )
          for (let round = 0; round < Math.max(...streams.map(({ length }) => length)); round += 1) {
            for (const peer of peers) {
              const message = peer.messages[round]
              const bytes = message && peer.inflater.inflate(message, true)
              if (bytes) peer.handedOut.push(bytes)
            }
          }
          for (const { texts, handedOut } of peers) expect(handedOut.map(String)).toEqual(texts)
        }),
        { numRuns: 50 },
      )
    })
  })

  describe('limits', () => {
    test.each([10, 1_000, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 500_000])(
      'of %i bytes admit exactly as many',
      async (limitBytes) => {
        const allowed = 'x'.repeat(limitBytes)
        expect(inflater(limitBytes).inflate(await one([allowed]), true)).toHaveLength(limitBytes)
        const message = await one([`${allowed}x`])
        const tooSmall = inflater(limitBytes)
        expectFailure(() => tooSmall.inflate(message, true), 'DECODE_OVERSIZE')
        expectFailure(() => tooSmall.inflate(message, true), 'DECODE_OVERSIZE')
      },
    )

    test('count all parts of a payload', async () => {
      const zlib = inflater(10_000)
      const message = await one([JSON.stringify(Array.from({ length: 3_000 }, (_, n) => n))])
      const feedAll = (): void => {
        for (const byte of message) zlib.inflate(Buffer.of(byte), true)
      }
      expect(feedAll).toThrow(expect.objectContaining({ code: 'DECODE_OVERSIZE' }))
    })

    test('a bomb takes no memory', async () => {
      const bomb = await one(['\0'.repeat(256 * 1024 * 1024)])
      const victim = inflater(1024 * 1024)
      const before = process.memoryUsage()
      expectFailure(() => victim.inflate(bomb, true), 'DECODE_OVERSIZE')
      const after = process.memoryUsage()
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024)
      expect(after.rss - before.rss).toBeLessThan(64 * 1024 * 1024)
    })
  })

  describe('failures', () => {
    test('a corrupt byte anywhere fails, or gives something: never more than the limit, and never a crash', async () => {
      const message = await one([JSON.stringify(process.versions)])
      for (let at = 0; at < message.length; at += 1) {
        for (const mask of [0x01, 0x80, 0xff]) {
          const corrupt = Buffer.from(message)
          corrupt[at] = (corrupt[at] ?? 0) ^ mask
          const victim = inflater(10_000)
          try {
            expect(victim.inflate(corrupt, true)?.length ?? 0).toBeLessThanOrEqual(10_000)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
          victim.close()
        }
      }
    })

    test('after one every call fails the same way, and shows nothing of the payload', async () => {
      const [first, second, third] = await compress('zlib', [
        '{"op":10}',
        '{"d":"secret secret"}',
        '{"op":11}',
      ])
      if (!first || !second || !third) throw new Error('nothing was compressed')
      const failed = inflater()
      failed.inflate(first, true)
      const corrupt = Buffer.concat([Buffer.alloc(8, 0xff), second])
      expectFailure(() => failed.inflate(corrupt, true), 'DECODE_INFLATE')
      for (const message of [second, third]) {
        expectFailure(() => failed.inflate(message, true), 'DECODE_INFLATE')
        expect(() => failed.inflate(message, true)).toThrow(expect.not.stringContaining('secret'))
      }
      expect(failed.bytesOut).toBe(9)
      failed.close()
      failed.close()
      expect(failed.capacityBytes).toBe(0)
    })

    test('bytes behind the end of the stream fail', () => {
      const ended = inflater()
      const glued = Buffer.concat([deflateSync('{"op":10}'), Buffer.from([0, 0, 0xff, 0xff])])
      expect(() => ended.inflate(glued, true)).toThrow(expect.objectContaining({ code: 'DECODE_INFLATE' }))
    })

    test('close may be called twice, before anything came or after; then there is nothing left', async () => {
      const message = await one(['{"op":0}'])
      const [unused, used] = [inflater(), inflater()]
      used.inflate(message, true)
      for (const closed of [unused, used]) {
        closed.close()
        closed.close()
        expect(closed.capacityBytes).toBe(0)
        expectFailure(() => closed.inflate(message, true), 'DECODE_INFLATE')
      }
      expect(used).toMatchObject({ bytesOut: 8 })
    })
  })

  test('an empty message is no payload and harms nothing; a payload without an end is none', async () => {
    const patient = inflater()
    const empty = Buffer.alloc(0)
    expect(patient.inflate(empty, true)).toBeUndefined()
    const [first, second] = await compress('zlib', ['{"op":10}', '{"op":11}'])
    if (!first || !second) throw new Error('nothing was compressed')
    expect(String(patient.inflate(first, true))).toBe('{"op":10}')
    expect(patient.inflate(empty, true)).toBeUndefined()
    expect(patient.inflate(second.subarray(0, -1), true)).toBeUndefined()
    expect(String(patient.inflate(second.subarray(-1), true))).toBe('{"op":11}')
  })

  test('text is a payload as it is; what came and what was made of it is counted', async () => {
    const mixed = inflater()
    expect(mixed).toMatchObject({ bytesIn: 0, bytesOut: 0 })
    const text = Buffer.from('{"op":10}')
    expect(mixed.inflate(text, false)).toEqual(text)
    const message = await one(['é'.repeat(100_000)])
    expect(mixed.inflate(message, true)).toHaveLength(200_000)
    expect(mixed.inflate(text, false)).toEqual(text)
    expect(mixed).toMatchObject({
      bytesIn: 18 + message.length,
      bytesOut: 18 + 200_000,
      mayHoldSeveral: false,
    })
  })

  test('a payload that has begun counts as capacity', async () => {
    const zlib = inflater()
    const idleBytes = zlib.capacityBytes
    const message = await one([filler(300_000, 64, 1)])
    expect(zlib.inflate(message.subarray(0, message.length / 2), true)).toBeUndefined()
    expect(zlib.capacityBytes).toBeGreaterThan(idleBytes + 50_000)
  })
}

async function one(payload: readonly string[]): Promise<Buffer> {
  const [message] = await compress('zlib', payload)
  if (message === undefined) throw new Error('nothing was compressed')
  return message
}

function expectFailure(inflate: () => unknown, code: ErrorCode): void {
  expect(inflate).toThrow(DecodeError)
  expect(inflate).toThrow(expect.objectContaining({ code }))
}

const nearMarker = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 5 })), { maxLength: 12 })
