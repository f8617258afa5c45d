import { deflateSync } from 'node:zlib'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createInflater } from '../../src/wire/inflate/create-inflater.ts'
import type { Compression, Inflater } from '../../src/wire/inflate/inflater.ts'
import { compress, cutAt, inflateAll } from './compressed-stream.ts'
import { big, large, payloads, places, small } from './payload-arbitrary.ts'

const maxInflatedBytes = 8 * 1024 * 1024

function inflater(compression: Compression): Inflater {
  return createInflater(compression, { maxInflatedBytes })
}

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
