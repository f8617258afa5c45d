import fc from 'fast-check'
import { expect, test } from 'vitest'

import { hasInnerMarker, isMarker, noTail, tailAfter } from '../../src/wire/inflate/sync-marker.ts'

const marker = Buffer.from([0, 0, 0xff, 0xff])
// Bytes of which markers and their beginnings are made come up all the time.
const byte = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, 0xff) }, fc.nat(255))
const short = fc.array(byte, { maxLength: 24 }).map((bytes) => Buffer.from(bytes))
/** Longer than the search in script goes: the runtime's takes over. */
const long = fc
  .tuple(fc.integer({ min: 500, max: 530 }), fc.nat(530), short)
  .map(([length, place, bytes]) => {
    const message = Buffer.alloc(length, 0x55)
    bytes.copy(message, place % length)
    return message
  })
const message = fc.oneof({ weight: 4, arbitrary: short }, long)

test('a tail is the last four bytes of all that came', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
      const stream = Buffer.concat([Buffer.alloc(4, 0xff), ...messages])
      const tail = messages.reduce(tailAfter, noTail)
      expect(tail).toBe(stream.readUInt32BE(stream.length - 4))
      expect(isMarker(tail)).toBe(stream.subarray(-4).equals(marker))
    }),
    { numRuns: 2_000 },
  )
})

test('an inner marker ends within the message, wherever it begins, and not at its end', () => {
  fc.assert(
    fc.property(short, message, (before, current) => {
      const tail = tailAfter(noTail, before)
      const stream = Buffer.concat([before, current])
      // Where markers end, by looking at every place.
      const ends = Array.from({ length: stream.length }, (_, at) => at + 1).filter((end) =>
        stream.subarray(Math.max(0, end - 4), end).equals(marker),
      )
      const isInner = ends.some((end) => end > before.length && end < stream.length)
      // What a whole marker before it begins is a new payload: the caller starts again without a tail.
      fc.pre(!isMarker(tail))
      expect(hasInnerMarker(current, tail)).toBe(isInner)
    }),
    { numRuns: 5_000 },
  )
})

test.each([510, 511, 512, 513, 514, 600])(
  'the search changes at 512 bytes, and finds the same: %i',
  (length) => {
    for (const place of [0, 1, 2, 3, length - 6, length - 5, length - 4]) {
      const bytes = Buffer.alloc(length, 0x55)
      marker.copy(bytes, place)
      expect(hasInnerMarker(bytes, noTail), `at ${place}`).toBe(place < length - 4)
    }
  },
)
