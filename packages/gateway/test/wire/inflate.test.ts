import { constants, createZstdCompress, deflateSync, zstdCompressSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { DecodeError, type ErrorCode } from '../../src/errors.ts'
import { createInflater } from '../../src/wire/inflate/create-inflater.ts'
import type { Compression, Inflater } from '../../src/wire/inflate/inflater.ts'
import { compress } from './compressed-stream.ts'

const formats = [
  ['zlib-stream', (text: string) => compress('zlib', [text])],
  ['zstd-stream', (text: string) => compress('zstd', [text])],
  ['payload', (text: string) => Promise.resolve([deflateSync(text)])],
] as const satisfies [Compression, (text: string) => Promise<Buffer[]>][]

function inflater(compression: Compression, maxInflatedBytes = 1024 * 1024): Inflater {
  return createInflater(compression, { maxInflatedBytes })
}

async function one(messages: Promise<Buffer[]>): Promise<Buffer> {
  const [message] = await messages
  if (message === undefined) throw new Error('nothing was compressed')
  return message
}

/** What `toThrow` must see. */
function failure(code: ErrorCode): unknown {
  return expect.toSatisfy((error) => error instanceof DecodeError && error.code === code, code)
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

describe.each(formats)('%s', (compression, compressed) => {
  test.each([10, 1_000, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 500_000])(
    'a limit of %i bytes admits exactly as many',
    async (limitBytes) => {
      const allowed = 'x'.repeat(limitBytes)
      const fits = inflater(compression, limitBytes)
      expect(fits.inflate(await one(compressed(allowed)), true)).toHaveLength(limitBytes)
      const message = await one(compressed(`${allowed}x`))
      const tooSmall = inflater(compression, limitBytes)
      expect(() => tooSmall.inflate(message, true)).toThrow(failure('DECODE_OVERSIZE'))
    },
  )

  test('an error names the limit', async () => {
    const message = await one(compressed('x'.repeat(101)))
    expect(() => inflater(compression, 100).inflate(message, true)).toThrow(
      expect.objectContaining({ context: { limitBytes: 100 } }),
    )
  })

  test('a bomb takes no memory', async () => {
    const bomb = await one(compressed('\0'.repeat(256 * 1024 * 1024)))
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const victim = inflater(compression)
    const before = process.memoryUsage().arrayBuffers
    expect(() => victim.inflate(bomb, true)).toThrow(failure('DECODE_OVERSIZE'))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  test('corrupt bytes fail', async () => {
    const message = await one(compressed(`{"op":10,"d":"${'abc'.repeat(30)}"}`))
    message[0] = (message[0] ?? 0) ^ 0xff
    expect(() => inflater(compression).inflate(message, true)).toThrow(failure('DECODE_INFLATE'))
  })

  test('a corrupt byte anywhere fails, or gives something: never more than the limit, and never a crash', async () => {
    const message = await one(compressed(JSON.stringify(process.versions)))
    for (let at = 0; at < message.length; at += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const corrupt = Buffer.from(message)
        corrupt[at] = (corrupt[at] ?? 0) ^ mask
        const victim = inflater(compression, 10_000)
        try {
          expect(victim.inflate(corrupt, true)?.length ?? 0).toBeLessThanOrEqual(10_000)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
        victim.close()
      }
    }
  })

  test('an error does not show what the payload holds', async () => {
    const message = await one(compressed('secret secret secret'))
    message[0] = 0
    expect(() => inflater(compression).inflate(message, true)).toThrow(expect.not.stringContaining('secret'))
  })

  test('text is a payload as it is, before and between compressed ones', async () => {
    const mixed = inflater(compression)
    const text = Buffer.from('{"op":10}')
    expect(mixed.inflate(text, false)).toEqual(text)
    const message = await one(compressed('{"op":0}'))
    expect(String(mixed.inflate(message, true))).toBe('{"op":0}')
    expect(mixed.inflate(text, false)).toEqual(text)
    expect(mixed).toMatchObject({
      bytesIn: 2 * text.length + message.length,
      bytesOut: 2 * text.length + 8,
      mayHoldSeveral: false,
    })
  })

  test('close may be called twice, before anything came or after; then there is nothing left', async () => {
    const unused = inflater(compression)
    unused.close()
    unused.close()
    const used = inflater(compression)
    const message = await one(compressed('{"op":0}'))
    used.inflate(message, true)
    used.close()
    used.close()
    for (const closed of [unused, used]) {
      expect(closed.capacityBytes).toBe(0)
      expect(() => closed.inflate(message, true)).toThrow(failure('DECODE_INFLATE'))
    }
    expect(used).toMatchObject({ bytesOut: 8 })
  })

  test('close after a failure', () => {
    const failed = inflater(compression)
    expect(() => failed.inflate(Buffer.alloc(10, 1), true)).toThrow(failure('DECODE_INFLATE'))
    failed.close()
    failed.close()
    expect(failed.capacityBytes).toBe(0)
  })

  test('counts what came and what was made of it', async () => {
    const counted = inflater(compression)
    expect(counted).toMatchObject({ bytesIn: 0, bytesOut: 0 })
    const payload = 'é'.repeat(100_000)
    const message = await one(compressed(payload))
    counted.inflate(message, true)
    expect(counted).toMatchObject({ bytesIn: message.length, bytesOut: 200_000 })
  })
})

describe.each(['zlib-stream', 'zstd-stream'] as const)('%s', (compression) => {
  const format = compression === 'zlib-stream' ? 'zlib' : 'zstd'

  test('after an error every call fails with the same one: the window is gone', async () => {
    const [first, second, third] = await compress(format, ['{"op":10}', '{"op":0,"s":1}', '{"op":0,"s":2}'])
    if (!first || !second || !third) throw new Error('nothing was compressed')
    const failed = inflater(compression)
    failed.inflate(first, true)
    const corrupt = Buffer.concat([Buffer.alloc(8, 0xff), second])
    const [error, ...laterErrors] = [corrupt, second, third].map((message) =>
      thrownBy(() => failed.inflate(message, true)),
    )
    expect(error).toMatchObject({ code: 'DECODE_INFLATE' })
    for (const later of laterErrors) expect(later).toBe(error)
    expect(failed.bytesOut).toBe(9)
  })

  test('an empty message is no payload and harms nothing', async () => {
    const patient = inflater(compression)
    const empty = Buffer.alloc(0)
    expect(patient.inflate(empty, true)).toBeUndefined()
    const messages = await compress(format, ['{"op":10}', '{"op":11}'])
    expect(messages.map((message) => String(patient.inflate(message, true)))).toEqual([
      '{"op":10}',
      '{"op":11}',
    ])
    expect(patient.inflate(empty, true)).toBeUndefined()
  })
})

describe('zlib-stream', () => {
  test('a payload that has begun counts as capacity, and not beyond its end', async () => {
    const zlib = inflater('zlib-stream')
    const idleBytes = zlib.capacityBytes
    const message = await one(compress('zlib', ['x'.repeat(300_000)]))
    const half = Math.floor(message.length / 2)
    expect(zlib.inflate(message.subarray(0, half), true)).toBeUndefined()
    expect(zlib.capacityBytes).toBeGreaterThan(idleBytes + 50_000)
    expect(zlib.inflate(message.subarray(half), true)).toHaveLength(300_000)
    expect(zlib.capacityBytes).toBe(idleBytes)
  })

  test('the limit counts all parts of a payload', async () => {
    const zlib = inflater('zlib-stream', 10_000)
    const message = await one(compress('zlib', [JSON.stringify(Array.from({ length: 3_000 }, (_, n) => n))]))
    const feedAll = (): void => {
      for (const byte of message) zlib.inflate(Buffer.of(byte), true)
    }
    expect(feedAll).toThrow(failure('DECODE_OVERSIZE'))
  })

  test('a payload without an end is none', async () => {
    const message = await one(compress('zlib', ['{"op":10}']))
    expect(inflater('zlib-stream').inflate(message.subarray(0, -1), true)).toBeUndefined()
  })

  test('bytes behind the end of the stream fail', () => {
    const ended = inflater('zlib-stream')
    expect(() =>
      ended.inflate(Buffer.concat([deflateSync('{"op":10}'), Buffer.from([0, 0, 0xff, 0xff])]), true),
    ).toThrow(failure('DECODE_INFLATE'))
  })

  test('that payloads were glued says nothing about the next one', async () => {
    const [first, second, third] = await compress('zlib', ['{"op":10}', '{"op":11}', '{"op":1}'])
    if (!first || !second || !third) throw new Error('nothing was compressed')
    const zlib = inflater('zlib-stream')
    expect(String(zlib.inflate(Buffer.concat([first, second]), true))).toBe('{"op":10}{"op":11}')
    expect(zlib.mayHoldSeveral).toBe(true)
    expect(String(zlib.inflate(third, true))).toBe('{"op":1}')
    expect(zlib.mayHoldSeveral).toBe(false)
  })

  test('text between the parts of a payload changes nothing about it', async () => {
    const [first, second] = await compress('zlib', ['{"op":10}', '{"op":11}'])
    if (!first || !second) throw new Error('nothing was compressed')
    const zlib = inflater('zlib-stream')
    expect(zlib.inflate(Buffer.concat([first, second.subarray(0, 3)]), true)).toBeUndefined()
    expect(String(zlib.inflate(Buffer.from('{"op":1}'), false))).toBe('{"op":1}')
    expect(zlib.mayHoldSeveral).toBe(false)
    expect(String(zlib.inflate(second.subarray(3), true))).toBe('{"op":10}{"op":11}')
    expect(zlib.mayHoldSeveral).toBe(true)
  })
})

describe('zstd-stream', () => {
  test('the window that the stream asks for is its capacity', async () => {
    const zstd = inflater('zstd-stream')
    expect(zstd.capacityBytes).toBe(0)
    zstd.inflate(await one(compress('zstd', ['{"op":10}'])), true)
    expect(zstd.capacityBytes).toBe(2 ** 18)
  })

  test('a window above 8 MiB is refused', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 24 } })
    stream.once('data', resolve)
    stream.write('{"op":10}')
    stream.flush()
    const message = await promise
    stream.destroy()
    expect(() => inflater('zstd-stream').inflate(message, true)).toThrow(failure('DECODE_INFLATE'))
  })

  test('bytes behind the end of the frame fail', () => {
    const frame = zstdCompressSync('{"op":10}')
    const ended = inflater('zstd-stream')
    expect(() => ended.inflate(Buffer.concat([frame, Buffer.from('more')]), true)).toThrow(
      failure('DECODE_INFLATE'),
    )
  })
})

describe('payload', () => {
  test('a stream that is cut, empty or followed by bytes fails', () => {
    const whole = deflateSync('{"op":10,"d":{}}')
    for (const message of [whole.subarray(0, -1), whole.subarray(0, 5), Buffer.alloc(0)]) {
      expect(() => inflater('payload').inflate(message, true)).toThrow(failure('DECODE_INFLATE'))
    }
    const glued = Buffer.concat([whole, Buffer.from('x')])
    expect(() => inflater('payload').inflate(glued, true)).toThrow(failure('DECODE_INFLATE'))
  })

  test('the context is made with the first compressed payload', () => {
    const payload = inflater('payload')
    payload.inflate(Buffer.from('{"op":10}'), false)
    expect(payload.capacityBytes).toBe(0)
    payload.inflate(deflateSync('{"op":10}'), true)
    expect(payload.capacityBytes).toBe(39 * 1024)
  })
})

test('none counts, holds nothing and gives the message itself', () => {
  const none = inflater('none')
  const message = Buffer.from('{"op":10}')
  expect(none.inflate(message, false)).toBe(message)
  expect(none.inflate(message, true)).toBe(message)
  expect(none).toMatchObject({ bytesIn: 18, bytesOut: 18, capacityBytes: 0, mayHoldSeveral: false })
  none.close()
  none.close()
})
