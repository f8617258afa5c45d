import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ClosedError, DecodeError, FatalCloseError } from '../../../src/errors.ts'
import { lifecycleEvent } from '../../../src/shard/event-outlet.ts'
import type { LifecycleEvent } from '../../../src/shard/event.ts'
import { LazyDispatch } from '../../../src/shard/lazy-dispatch.ts'
import { EventBatchBuilder, readBatch } from '../../../src/shard/thread/event-batch.ts'
import { ErrorUnpacker, packError, unpackError } from '../../../src/shard/thread/transferred-error.ts'
import { packLifecycle, unpackLifecycle } from '../../../src/shard/thread/transferred-lifecycle.ts'
import { JsonCodec } from '../../../src/wire/json-codec.ts'

const codec = new JsonCodec()
const unpacker = new ErrorUnpacker()

const dispatch = fc.record({
  shardId: fc.nat(5_000),
  type: fc.constantFrom('READY', 'MESSAGE_CREATE', 'NEW_EVENT'),
  sequence: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  sessionId: fc.constantFrom('a', 'b'),
  content: fc.string(),
})

test('what was put into a batch comes out of its clone, in order and equal', () => {
  fc.assert(
    fc.property(fc.array(fc.option(dispatch), { maxLength: 50 }), (entries) => {
      const builder = new EventBatchBuilder()
      for (const [index, entry] of entries.entries()) {
        if (entry === null) {
          const data = { attempt: index, delayMs: 5, resume: true }
          builder.add(lifecycleEvent('SHARD_RECONNECTING', index, data) as LifecycleEvent)
          continue
        }
        const { type, shardId, sequence, sessionId, content } = entry
        const raw = Buffer.from(JSON.stringify({ op: 0, d: content }))
        builder.add(new LazyDispatch(type, shardId, sequence, sessionId, raw, codec, 12, raw.length - 1))
      }
      const batch = structuredClone(builder.build([], []))
      const seen: unknown[] = []
      readBatch(batch, {
        dispatch: (shardId, type, sequence, sessionId, raw, start, end) =>
          seen.push({ shardId, type, sequence, sessionId, content: codec.parse(raw, start, end) }),
        lifecycle: (shardId, type, packed) =>
          seen.push({ shardId, type, data: unpackLifecycle(packed, unpacker) }),
      })
      const expected = entries.map(
        (entry, index) =>
          entry ?? {
            shardId: index,
            type: 'SHARD_RECONNECTING',
            data: { attempt: index, delayMs: 5, resume: true },
          },
      )
      expect(seen).toEqual(expected)
    }),
  )
})

test('an error that crosses several times is one error on the other side, and another one is not', () => {
  const cross = (error: Error): Error => unpacker.error(structuredClone(packError(error)))
  const first = new FatalCloseError(4004, 'bad token')
  const second = new FatalCloseError(4004, 'bad token')
  const event = lifecycleEvent('SHARD_CLOSED', 0, { reason: first, unsentCommands: 0 })
  const packed = structuredClone(packLifecycle(event as LifecycleEvent))
  const data = unpackLifecycle(packed, unpacker) as LifecycleEvent<'SHARD_CLOSED'>['data']
  expect(cross(first)).toBe(data.reason)
  expect(cross(second)).not.toBe(data.reason)
  expect(cross(second)).toEqual(data.reason)
})

test('errors keep class, code, context and cause across threads', () => {
  const cause = new Error('inner')
  const errors = [
    new FatalCloseError(4004, 'bad token', { cause }),
    new ClosedError('CLOSED_LOCALLY', 'stopped'),
    new DecodeError('DECODE_INFLATE', 'corrupt', { context: { limitBytes: 5 } }),
    new TypeError('foreign'),
  ]
  for (const error of errors) {
    const copy = unpackError(structuredClone(packError(error)))
    expect(copy).toBeInstanceOf(error instanceof TypeError ? Error : error.constructor)
    expect(copy).toMatchObject({ name: error.name, message: error.message })
    expect(copy).toMatchObject('code' in error ? { code: error.code, context: error.context } : {})
    expect(copy.stack).toBe(error.stack)
  }
  const [fatal] = errors
  expect(unpackError(packError(fatal))).toMatchObject({ closeCode: 4004, cause: { message: 'inner' } })
})
