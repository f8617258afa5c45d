import { deflateSync } from 'node:zlib'

import { describe, expect, onTestFinished, test } from 'vitest'

import type { Compression } from '../../src/wire/inflate/inflater.ts'
import type { SocketOptions } from '../../src/wire/socket.ts'
import { eventually } from '../support/eventually.ts'
import { settled } from '../support/virtual-clock.ts'
import { compress } from './compressed-stream.ts'
import { clientFrames, frame, RawServer, upgrade } from './raw-server.ts'
import { TestConnection } from './test-connection.ts'
import { WsServer } from './ws-server.ts'

/** A connection to a server that writes these bytes behind its 101, and what the server received of frames. */
async function receiving(
  bytes: Buffer,
  options: Partial<SocketOptions> = {},
): Promise<{
  readonly connection: TestConnection
  readonly received: () => ReturnType<typeof clientFrames>
}> {
  const chunks: Buffer[] = []
  const server = await RawServer.start((socket) => {
    void upgrade(socket, bytes).then(() => socket.on('data', (chunk: Buffer) => chunks.push(chunk)))
  })
  const connection = new TestConnection(server.url, options)
  return { connection, received: () => clientFrames(Buffer.concat(chunks)) }
}

const binary = (payload: Buffer): Buffer => frame(payload, { opcode: 2 })
/** A payload of so many bytes. */
function payloadOf(bytes: number): string {
  return `{"op":0,"d":"${'x'.repeat(bytes - 15)}"}`
}

const close = frame(Buffer.from([0x0f, 0xa0]), { opcode: 8 })

describe('messages', () => {
  test('in fragments, with a ping between them, are one payload', async () => {
    const text = Buffer.from('{"op":0,"d":"é😀"}')
    const [first, second, third] = [text.subarray(0, 13), text.subarray(13, 16), text.subarray(16)]
    const { connection, received } = await receiving(
      Buffer.concat([
        frame(first, { fin: false }),
        frame('are you there', { opcode: 9 }),
        frame(second, { opcode: 0, fin: false }),
        frame(third, { opcode: 0 }),
      ]),
    )
    await eventually(() => expect(connection.events).toEqual(['opened', String(text)]))
    await eventually(() =>
      expect(received()).toEqual([{ opcode: 10, payload: Buffer.from('are you there') }]),
    )
  })

  test('a byte at a time', async () => {
    const server = await RawServer.start(async (socket) => {
      await upgrade(socket)
      socket.setNoDelay()
      for (const byte of Buffer.concat([frame('{"op":10}'), frame('{"op":11}')])) {
        socket.write(Buffer.of(byte))
        await settled()
      }
    })
    const connection = new TestConnection(server.url)
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}', '{"op":11}']))
  })

  test('are the header and the bytes of a payload; the bytes stay as they are', async () => {
    const texts = Array.from({ length: 200 }, (_, s) => `{"t":"READY","s":${s},"op":0,"d":{"n":${s}}}`)
    const messages = await compress('zlib', texts)
    const { connection } = await receiving(Buffer.concat(messages.map(binary)), {
      compression: 'zlib-stream',
    })
    const headers: object[] = []
    connection.onPayload = (header) => headers.push({ ...header })
    await eventually(() => expect(connection.payloads).toHaveLength(200))
    expect(connection.payloads.map(String)).toEqual(texts)
    expect(headers[7]).toEqual({
      op: 0,
      sequence: 7,
      type: 'READY',
      typeIndex: 0,
      dataStart: 30,
      dataEnd: 37,
    })
    expect(connection.socket).toMatchObject({
      bytesReceived: messages.reduce((bytes, message) => bytes + message.length, 0),
      payloadsReceived: 200,
    })
    expect(connection.socket.inflater.bytesOut).toBe(texts.join('').length)
  })

  test('two payloads in one message of a zlib stream are two', async () => {
    const glued = Buffer.concat(await compress('zlib', ['{"op":10}', '{"op":11}']))
    const { connection } = await receiving(binary(glued), { compression: 'zlib-stream' })
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}', '{"op":11}']))
    expect(connection.socket.payloadsReceived).toBe(2)
  })

  test('a payload of a zlib stream in several messages is one', async () => {
    const messages = await compress('zlib', ['{"op":10}'])
    const stream = Buffer.concat(messages)
    const bytes = Array.from(stream, (byte) => binary(Buffer.of(byte)))
    const { connection } = await receiving(Buffer.concat(bytes), { compression: 'zlib-stream' })
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}']))
  })

  test.each<Compression>(['zlib-stream', 'zstd-stream', 'payload'])(
    'text is taken as it is under %s',
    async (compression) => {
      const { connection } = await receiving(frame('{"op":10}'), { compression })
      await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}']))
    },
  )

  test('binary without compression is taken as it is', async () => {
    const { connection } = await receiving(binary(Buffer.from('{"op":10}')))
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}']))
  })
})

describe('limits', () => {
  const limits = { maxMessageBytes: 1_000, maxInflatedBytes: 2_000 }
  test('a message of exactly the limit is taken', async () => {
    const { connection } = await receiving(frame(payloadOf(1_000)), limits)
    await eventually(() => expect(connection.payloads.map(({ length }) => length)).toEqual([1_000]))
  })

  test.each([
    ['one byte more', frame(payloadOf(1_001))],
    ['a length that is only claimed', frame('', { claimedBytes: 1_001 })],
    ['a length beyond all numbers', frame('', { claimedBytes: 2 ** 60 })],
    [
      'fragments that are more together',
      Buffer.concat([
        frame('x'.repeat(600), { fin: false }),
        frame('x'.repeat(600), { opcode: 0, fin: false }),
      ]),
    ],
  ])('a message that is too large: %s', async (_, bytes) => {
    const { connection } = await receiving(bytes, limits)
    const { code, error } = await connection.closed
    expect(code).toBe(1006)
    expect(error).toMatchObject({
      name: 'DecodeError',
      code: 'DECODE_OVERSIZE',
      message: 'message is larger than 1000 bytes',
      context: { limitBytes: 1_000 },
    })
    expect(connection.payloads).toEqual([])
  })

  test('more fragments than anybody needs are refused like a message that is too large', async () => {
    const fragment = frame('', { opcode: 0, fin: false })
    const bytes = [frame('', { fin: false }), ...Array.from({ length: 20_000 }, () => fragment)]
    const { connection } = await receiving(Buffer.concat(bytes))
    expect((await connection.closed).error).toMatchObject({
      code: 'DECODE_OVERSIZE',
      context: { code: 'WS_ERR_TOO_MANY_BUFFERED_PARTS' },
    })
  })

  test.each<[Compression, (text: string) => Promise<Buffer[]>]>([
    ['zlib-stream', (payload) => compress('zlib', [payload])],
    ['zstd-stream', (payload) => compress('zstd', [payload])],
    ['payload', (payload) => Promise.resolve([deflateSync(payload)])],
  ])('what a message inflates to: %s', async (compression, compressed) => {
    const fits = Buffer.concat(await compressed(payloadOf(2_000)))
    const taken = await receiving(binary(fits), { ...limits, compression })
    await eventually(() => expect(taken.connection.payloads.map(({ length }) => length)).toEqual([2_000]))

    const bomb = Buffer.concat(await compressed(payloadOf(700_000)))
    expect(bomb.length).toBeLessThan(1_000)
    const { connection } = await receiving(binary(bomb), { ...limits, compression })
    expect((await connection.closed).error).toMatchObject({
      code: 'DECODE_OVERSIZE',
      message: 'payload is larger than 2000 bytes when inflated',
      context: { limitBytes: 2_000 },
    })
    expect(connection.socket.inflater.capacityBytes).toBe(0)
  })
})

describe('what is no payload', () => {
  const notUtf8 = Buffer.from([...Buffer.from('{"op":0,"d":"'), 0xc3, 0x28, ...Buffer.from('"}')])

  test.each<[string, Buffer, Compression]>([
    ['text that is not UTF-8', frame(notUtf8), 'none'],
    ['half a character', frame(Buffer.from([...Buffer.from('{"op":0,"d":"'), 0xc3])), 'none'],
    ['bytes that are not UTF-8 once inflated', binary(deflateSync(notUtf8)), 'payload'],
    ['an empty message', frame(''), 'none'],
    ['no JSON', frame('<html>'), 'none'],
    ['an array', frame('[{"op":10}]'), 'none'],
    ['no op', frame('{"t":null}'), 'none'],
    ['two documents where one was promised', frame('{"op":10}{"op":11}'), 'none'],
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5]), 'none'],
    ['a compressed frame that was not negotiated', frame('{"op":10}', { rsv: 4 }), 'none'],
    ['an opcode that does not exist', frame('', { opcode: 3 }), 'none'],
    ['a close code that may not be sent', frame(Buffer.from([0x03, 0xed]), { opcode: 8 }), 'none'],
  ])('%s', async (_, bytes, compression) => {
    const { connection } = await receiving(Buffer.concat([frame('{"op":1}'), bytes, frame('{"op":2}')]), {
      compression,
    })
    const { code, reason, error } = await connection.closed
    expect([code, reason]).toEqual([1006, ''])
    expect(error).toMatchObject({ name: 'DecodeError', code: 'DECODE_PAYLOAD' })
    expect(connection.events).toEqual(['opened', '{"op":1}', 'closed'])
  })

  test('garbage in a compressed stream', async () => {
    const { connection } = await receiving(binary(Buffer.from('{"op":10}')), { compression: 'zstd-stream' })
    expect((await connection.closed).error).toMatchObject({ name: 'DecodeError', code: 'DECODE_INFLATE' })
  })

  test('garbage between two payloads in one message of a zlib stream', async () => {
    const glued = Buffer.concat(await compress('zlib', ['{"op":10}', '{"op":', '{"op":11}']))
    const { connection } = await receiving(binary(glued), { compression: 'zlib-stream' })
    expect((await connection.closed).error).toMatchObject({ code: 'DECODE_PAYLOAD' })
    expect(connection.events).toEqual(['opened', 'closed'])
  })

  test('does not show in the error', async () => {
    const { connection } = await receiving(frame('{"op":"secret"}'))
    const { error } = await connection.closed
    expect(JSON.stringify([error, error?.message])).not.toContain('secret')
  })

  test('ends the connection at the server too', async () => {
    const server = await WsServer.start()
    const connection = new TestConnection(server.url)
    const { webSocket } = await server.peer()
    const closed = Promise.withResolvers<number>()
    webSocket.on('close', closed.resolve)
    webSocket.send('{')
    expect((await connection.closed).error?.code).toBe('DECODE_PAYLOAD')
    expect(await closed.promise).toBe(1006)
  })
})

describe('a handler that ends the connection', () => {
  const three = ['{"op":10}', '{"op":11}', '{"op":7}']

  test.each([
    [
      'messages of one packet',
      () => Promise.resolve(Buffer.concat(three.map((text) => frame(text)))),
      'none',
    ],
    [
      'payloads of one message',
      async () => binary(Buffer.concat(await compress('zlib', three))),
      'zlib-stream',
    ],
  ] as const)('gets no more of the %s', async (_, bytes, compression) => {
    const { connection } = await receiving(Buffer.concat([await bytes(), close]), { compression })
    connection.onPayload = ({ op }) => {
      if (op === 11) connection.call((socket) => socket.terminate())
    }
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    expect(connection.events).toEqual(['opened', '{"op":10}', '{"op":11}', 'closed'])
  })

  test('with a close frame still gets what comes before the answer', async () => {
    const { connection } = await receiving(Buffer.concat([...three.map((text) => frame(text)), close]))
    connection.onPayload = ({ op }) => {
      if (op === 10) connection.call((socket) => socket.close(4900))
    }
    expect((await connection.closed).code).toBe(4000)
    expect(connection.events).toEqual(['opened', ...three, 'closed'])
  })
})

test('errors that come after the end are nobody’s', async () => {
  const uncaught: unknown[] = []
  const listener = (error: unknown): number => uncaught.push(error)
  process.on('uncaughtException', listener)
  onTestFinished(() => {
    process.off('uncaughtException', listener)
  })
  const server = await RawServer.start((socket) => {
    void upgrade(socket, frame('{"op":10}'))
  })
  const connection = new TestConnection(server.url)
  await eventually(() => expect(connection.payloads).toHaveLength(1))
  connection.call((socket) => {
    socket.terminate()
    socket.send('late')
    socket.close(4900)
    socket.terminate()
    socket.pause()
    socket.resume()
  })
  const [peer] = server.sockets
  peer?.write(frame('', { opcode: 3 }))
  peer?.resetAndDestroy()
  expect(await connection.closed).toEqual({ code: 1006, reason: '' })
  for (let turn = 0; turn < 20; turn += 1) await settled()
  expect(uncaught).toEqual([])
})
