import { describe, expect, test } from 'vitest'

import { ClosedError, FatalCloseError } from '../../src/errors.ts'
import { ByteBudget } from '../../src/shard/byte-budget.ts'
import { EventBuffer } from '../../src/shard/event-buffer.ts'
import { EventMerge } from '../../src/shard/event-merge.ts'
import { EventOutlet, lifecycleEvent } from '../../src/shard/event-outlet.ts'
import type { GatewayEvent } from '../../src/shard/event.ts'
import { LazyDispatch } from '../../src/shard/lazy-dispatch.ts'
import { JsonCodec } from '../../src/wire/json-codec.ts'

const codec = new JsonCodec()

function event(
  shardId: number,
  sequence: number,
  options: { sessionId?: string; bytes?: number } = {},
): GatewayEvent {
  const raw = Buffer.alloc(options.bytes ?? 10)
  const dispatch = new LazyDispatch(
    'MESSAGE_CREATE',
    shardId,
    sequence,
    options.sessionId ?? 'session',
    raw,
    codec,
    -1,
    -1,
  )
  return dispatch as unknown as GatewayEvent
}

function bufferOf(merge: EventMerge, highWaterMark = 1_000, budget = new ByteBudget(1e9)) {
  const paused: boolean[] = []
  const buffer: EventBuffer = new EventBuffer(highWaterMark, budget, {
    readable: () => merge.readable(buffer),
    setPaused: (value) => paused.push(value),
  })
  merge.add(buffer)
  return { buffer, paused }
}

async function take(iterator: AsyncIterator<GatewayEvent, undefined>, count: number): Promise<string[]> {
  const taken: string[] = []
  while (taken.length < count) {
    const result = await iterator.next()
    if (result.done) break
    taken.push(`${result.value.shardId}:${result.value.sequence}`)
  }
  return taken
}

describe('merge', () => {
  test('a busy shard does not starve a quiet one, and each keeps its order', async () => {
    const merge = new EventMerge()
    const busy = bufferOf(merge).buffer
    const quiet = bufferOf(merge).buffer
    for (let sequence = 1; sequence <= 5; sequence += 1) busy.push(event(0, sequence))
    quiet.push(event(1, 1))
    quiet.push(event(1, 2))
    expect(await take(merge.iterate(), 7)).toEqual(['0:1', '1:1', '0:2', '1:2', '0:3', '0:4', '0:5'])
  })

  test('a waiting consumer is served by the next event', async () => {
    const merge = new EventMerge()
    const { buffer } = bufferOf(merge)
    const iterator = merge.iterate()
    const next = iterator.next()
    buffer.push(event(0, 1))
    expect((await next).value?.sequence).toBe(1)
  })

  test('ends when it is closed and every buffer has ended, with what was buffered delivered first', async () => {
    const merge = new EventMerge()
    const { buffer } = bufferOf(merge)
    buffer.push(event(0, 1))
    buffer.push(event(0, 2))
    buffer.end('deliver-rest')
    merge.close()
    const iterator = merge.iterate()
    expect(await take(iterator, 9)).toEqual(['0:1', '0:2'])
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('fails with the reason after the rest', async () => {
    const merge = new EventMerge()
    const { buffer } = bufferOf(merge)
    buffer.push(event(0, 1))
    buffer.end('deliver-rest')
    merge.close(new FatalCloseError(4004, 'authentication failed'))
    const iterator = merge.iterate()
    expect(await take(iterator, 1)).toEqual(['0:1'])
    await expect(iterator.next()).rejects.toThrow('authentication failed')
  })

  test('has one consumer at a time, and another after it', () => {
    const merge = new EventMerge()
    const iterator = merge.iterate()
    expect(() => merge.iterate()).toThrow('on()')
    void iterator.return?.()
    expect(() => merge.iterate()).not.toThrow()
  })
})

describe('backpressure', () => {
  test('reading stops at the high water mark and goes on at half of it', () => {
    const { buffer, paused } = bufferOf(new EventMerge(), 10)
    for (let sequence = 1; sequence <= 10; sequence += 1) buffer.push(event(0, sequence))
    expect([buffer.isPaused, buffer.pauses]).toEqual([true, 1])
    for (let taken = 0; taken < 4; taken += 1) buffer.take()
    expect(buffer.isPaused).toBe(true)
    buffer.take()
    expect(buffer.isPaused).toBe(false)
    expect(paused).toEqual([true, false])
  })

  test('what the last read brought still fits: no dispatch is ever dropped', () => {
    const { buffer } = bufferOf(new EventMerge(), 10)
    for (let sequence = 1; sequence <= 1_000; sequence += 1) buffer.push(event(0, sequence))
    expect([buffer.size, buffer.dropped]).toEqual([1_000, 0])
  })

  test('life-cycle events that nobody takes are bounded and counted', () => {
    const { buffer } = bufferOf(new EventMerge(), 10)
    const reason = new ClosedError('CLOSED_LOCALLY', 'x')
    for (let index = 0; index < 100; index += 1) {
      buffer.push(lifecycleEvent('SHARD_CLOSED', 0, { reason, unsentCommands: 0 }))
    }
    expect([buffer.size, buffer.dropped]).toEqual([20, 80])
  })

  test('bytes are bounded over all shards, and a shard paused for others goes on when they are drained', () => {
    const budget = new ByteBudget(1_000)
    const big = bufferOf(new EventMerge(), 1_000, budget)
    const small = bufferOf(new EventMerge(), 1_000, budget)
    big.buffer.push(event(0, 1, { bytes: 600 }))
    big.buffer.push(event(0, 2, { bytes: 600 }))
    small.buffer.push(event(1, 1, { bytes: 10 }))
    expect([big.buffer.isPaused, small.buffer.isPaused]).toEqual([true, true])
    small.buffer.take()
    expect(small.buffer.isPaused).toBe(true)
    big.buffer.take()
    big.buffer.take()
    expect([big.buffer.isPaused, small.buffer.isPaused, budget.usedBytes]).toEqual([false, false, 0])
  })

  test('dropping the rest gives its bytes back', () => {
    const budget = new ByteBudget(1_000)
    const { buffer } = bufferOf(new EventMerge(), 10, budget)
    buffer.push(event(0, 1))
    buffer.push(event(0, 2))
    buffer.end('drop-rest')
    expect([budget.usedBytes, buffer.size]).toEqual([0, 0])
  })
})

describe('acknowledgement', () => {
  test('asking for the next event acknowledges the last', async () => {
    const merge = new EventMerge()
    const { buffer } = bufferOf(merge)
    for (const sequence of [5, 6, 7]) buffer.push(event(0, sequence))
    const iterator = merge.iterate()
    expect(buffer.acknowledged('session', 7)).toBe(4)
    await iterator.next()
    expect(buffer.acknowledged('session', 7)).toBe(4)
    await iterator.next()
    expect(buffer.acknowledged('session', 7)).toBe(5)
    await iterator.next()
    const waiting = iterator.next()
    expect(buffer.acknowledged('session', 7)).toBe(7)
    buffer.push(event(0, 8))
    await waiting
    expect(buffer.acknowledged('session', 8)).toBe(7)
  })

  test('only events of the session in question count, and one whose READY waits cannot be resumed', () => {
    const { buffer } = bufferOf(new EventMerge())
    buffer.push(event(0, 90, { sessionId: 'old' }))
    expect(buffer.acknowledged('new', 3)).toBe(3)
    buffer.push(event(0, 1, { sessionId: 'new' }))
    expect(buffer.acknowledged('new', 3)).toBeUndefined()
  })
})

function outletWithBuffer() {
  const merge = new EventMerge()
  const outlet = new EventOutlet(merge)
  return { outlet, ...bufferOf(merge) }
}

describe('outlet', () => {
  test('events wait for the first consumer', () => {
    const { outlet, buffer } = outletWithBuffer()
    expect(outlet.wants('MESSAGE_CREATE')).toBe(true)
    outlet.push(event(0, 1), buffer)
    expect(buffer.size).toBe(1)
  })

  test('with dispatch listeners and no iteration nothing is buffered, and unheard events are not made', () => {
    const { outlet, buffer } = outletWithBuffer()
    const heard: number[] = []
    const stop = outlet.listeners.on('MESSAGE_CREATE', ({ sequence }) => heard.push(sequence))
    outlet.push(event(0, 1), buffer)
    expect([heard, buffer.size]).toEqual([[1], 0])
    expect(outlet.wants('TYPING_START')).toBe(false)
    stop()
    outlet.push(event(0, 2), buffer)
    expect([heard, buffer.size]).toEqual([[1], 1])
  })

  test('listeners to the shards alone leave the stream alone', () => {
    const { outlet, buffer } = outletWithBuffer()
    outlet.listeners.on('SHARD_DISCONNECTED', () => {})
    outlet.push(event(0, 1), buffer)
    expect(buffer.size).toBe(1)
  })

  test('both listeners and the stream get an event once somebody iterates', () => {
    const { outlet, buffer } = outletWithBuffer()
    const heard: GatewayEvent[] = []
    outlet.listeners.on('*', (one) => heard.push(one))
    outlet.iterate()
    outlet.push(event(0, 1), buffer)
    expect([heard.length, buffer.size]).toEqual([1, 1])
  })

  test('a listener that throws or rejects harms nobody and surfaces as an event', async () => {
    const { outlet, buffer } = outletWithBuffer()
    const failures: unknown[] = []
    outlet.listeners.on('MESSAGE_CREATE', () => {
      throw new Error('thrown')
    })
    outlet.listeners.on('MESSAGE_CREATE', () => Promise.reject(new Error('rejected')))
    outlet.listeners.on('SHARD_LISTENER_ERROR', ({ data }) => {
      failures.push(data.error)
      throw new Error('even here')
    })
    outlet.push(event(0, 1), buffer)
    await new Promise(setImmediate)
    expect(failures.map(String)).toEqual(['Error: thrown', 'Error: rejected'])
    expect(outlet.listeners.errors(0)).toBe(4)
  })
})

describe('lazy dispatch', () => {
  const json = '{"t":"MESSAGE_CREATE","s":3,"op":0,"d":{"content":"héé 🎉"}}'
  const raw = Buffer.from(json)
  const start = raw.indexOf('{"content"')

  test('parses at the first access and keeps the result', () => {
    const dispatch = new LazyDispatch('MESSAGE_CREATE', 1, 3, 's', raw, codec, start, raw.length - 1)
    expect(dispatch.data).toEqual({ content: 'héé 🎉' })
    expect(dispatch.data).toBe(dispatch.data)
    expect(JSON.parse(JSON.stringify(dispatch))).toMatchObject({
      type: 'MESSAGE_CREATE',
      data: { content: 'héé 🎉' },
    })
  })

  test('invalid data is a DecodeError that names the event', () => {
    const dispatch = new LazyDispatch('MESSAGE_CREATE', 1, 3, 's', raw, codec, start + 1, raw.length - 1)
    expect(() => dispatch.data).toThrow(expect.objectContaining({ code: 'DECODE_DATA' }))
  })

  test('without d there is no data', () => {
    expect(new LazyDispatch('X', 1, 3, 's', raw, codec, -1, -1).data).toBeUndefined()
  })
})
