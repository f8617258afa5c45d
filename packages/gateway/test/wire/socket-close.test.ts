import { once } from 'node:events'
import type { Socket } from 'node:net'

import { describe, expect, test } from 'vitest'

import { eventually } from '../support/eventually.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { clientFrames, frame, RawServer, upgrade } from './raw-server.ts'
import { TestConnection } from './test-connection.ts'
import { WsServer } from './ws-server.ts'

const closeTimeoutMs = 5_000

/** A connection to a server that does nothing by itself, open. */
async function opened(options: { readonly allowHalfOpen?: boolean } = {}): Promise<{
  readonly connection: TestConnection
  readonly peer: Socket
  readonly clock: VirtualClock
  readonly received: () => ReturnType<typeof clientFrames>
}> {
  const upgraded = Promise.withResolvers<Socket>()
  const chunks: Buffer[] = []
  const server = await RawServer.start((socket) => {
    void upgrade(socket).then(() => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      return upgraded.resolve(socket)
    })
  }, options)
  const clock = new VirtualClock()
  const connection = new TestConnection(server.url, { clock, closeTimeoutMs })
  await connection.opened
  const peer = await upgraded.promise
  return { connection, peer, clock, received: () => clientFrames(Buffer.concat(chunks)) }
}

describe('closed by the peer', () => {
  test.each([
    [4004, 'Authentication failed.'],
    [1001, 'Discord WebSocket requesting client reconnect.'],
    [1000, ''],
    [4999, 'é'],
  ])('with %i %j', async (code, reason) => {
    const server = await WsServer.start()
    const connection = new TestConnection(server.url)
    const { webSocket } = await server.peer()
    webSocket.close(code, reason)
    expect(await connection.closed).toEqual({ code, reason })
    expect(connection.events).toEqual(['opened', 'closed'])
  })

  test.each([
    ['a close frame without a code', (peer: Socket) => peer.write(frame('', { opcode: 8 }))],
    ['the end of TCP', (peer: Socket) => peer.end()],
    ['a reset', (peer: Socket) => peer.resetAndDestroy()],
    ['the end within a message', (peer: Socket) => peer.end(frame('{"op":', { claimedBytes: 50 }))],
    ['the end within a frame’s head', (peer: Socket) => peer.end(Buffer.of(0x81))],
  ])('with %s is 1006', async (_, behave) => {
    const { connection, peer, clock } = await opened()
    behave(peer)
    peer.once('end', () => peer.end())
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    expect(clock.pending).toBe(0)
  })

  test('is answered with the peer’s code', async () => {
    const { connection, peer, received } = await opened()
    peer.write(frame(Buffer.from([0x0f, 0xa9]), { opcode: 8 }))
    await eventually(() => expect(received()).toEqual([{ opcode: 8, payload: Buffer.from([0x0f, 0xa9]) }]))
    peer.end()
    expect(await connection.closed).toEqual({ code: 4009, reason: '' })
  })

  test('sends nothing more, though TCP is still open', async () => {
    const { connection, peer, received } = await opened({ allowHalfOpen: true })
    const isSent: unknown[] = []
    connection.onPayload = () => connection.call((socket) => isSent.push(socket.send('before')))
    const closeFrame = frame(Buffer.from([0x03, 0xe8]), { opcode: 8 })
    peer.write(Buffer.concat([frame('{"op":1}'), closeFrame]))
    await eventually(() => expect(received()).toHaveLength(2))
    expect(connection.events).toEqual(['opened', '{"op":1}'])
    connection.call((socket) => isSent.push(socket.send('after')))
    expect(isSent).toEqual([true, false])
    peer.end()
    expect(await connection.closed).toEqual({ code: 1000, reason: '' })
    expect(received().map(({ opcode }) => opcode)).toEqual([1, 8])
  })
})

describe('closed by us', () => {
  test('sends code and reason, and ends with the answer', async () => {
    const server = await WsServer.start()
    const clock = new VirtualClock()
    const connection = new TestConnection(server.url, { clock })
    const { webSocket } = await server.peer()
    await connection.opened
    const seen = Promise.withResolvers<unknown[]>()
    webSocket.on('close', (code, reason) => seen.resolve([code, String(reason)]))
    connection.call((socket) => socket.close(4900, 'back soon'))
    expect(await seen.promise).toEqual([4900, 'back soon'])
    expect(await connection.closed).toEqual({ code: 4900, reason: 'back soon' })
    expect(clock.pending).toBe(0)
  })

  test('drops TCP when the answer does not come in time', async () => {
    const { connection, peer, clock, received } = await opened()
    connection.call((socket) => socket.close(4900))
    await eventually(() => expect(received()).toEqual([{ opcode: 8, payload: Buffer.from([0x13, 0x24]) }]))
    await clock.advance(closeTimeoutMs - 1)
    expect(connection.events).toEqual(['opened'])
    const dropped = once(peer, 'close')
    await clock.advance(1)
    expect(connection.events).toEqual(['opened', 'closed'])
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    await dropped
    expect(clock.pending).toBe(0)
  })

  test('keeps its deadline while the peer goes on sending', async () => {
    const { connection, peer, clock } = await opened()
    connection.call((socket) => socket.close(4900))
    for (let at = 0; at < 10; at += 1) {
      peer.write(frame(`{"op":${at}}`))
      await eventually(() => expect(connection.payloads).toHaveLength(at + 1))
      await clock.advance(closeTimeoutMs / 10)
    }
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    expect(connection.events).toHaveLength(12)
  })

  test('a second close neither moves the deadline nor is sent', async () => {
    const { connection, clock, received } = await opened()
    connection.call((socket) => socket.close(4900))
    await clock.advance(closeTimeoutMs - 1)
    connection.call((socket) => socket.close(1000))
    await clock.advance(1)
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    await eventually(() => expect(received().map(({ opcode }) => opcode)).toEqual([8]))
  })

  test('sends nothing behind its close frame', async () => {
    const { connection, peer, received } = await opened()
    connection.call((socket) => {
      socket.send('before')
      socket.close(4900)
      socket.send('after')
    })
    await eventually(() => expect(received().map(({ opcode }) => opcode)).toEqual([1, 8]))
    peer.end(frame(Buffer.from([0x13, 0x24]), { opcode: 8 }))
    expect(await connection.closed).toEqual({ code: 4900, reason: '' })
    expect(received()).toHaveLength(2)
  })

  test('terminate cuts a close short', async () => {
    const { connection, peer, clock } = await opened()
    const dropped = once(peer, 'close')
    connection.call((socket) => {
      socket.close(4900)
      socket.terminate()
    })
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    await dropped
    expect(clock.pending).toBe(0)
  })

  test('while paused ends too, without what was not read', async () => {
    const { connection, peer } = await opened()
    connection.call((socket) => socket.pause())
    peer.write(frame('{"op":0}'))
    peer.once('data', () => peer.end(frame(Buffer.from([0x13, 0x24]), { opcode: 8 })))
    connection.call((socket) => socket.close(4900))
    expect(await connection.closed).toEqual({ code: 4900, reason: '' })
    expect(connection.events).toEqual(['opened', 'closed'])
  })

  test('resume after a close does not bring back what was dropped', async () => {
    const { connection, peer } = await opened()
    connection.call((socket) => {
      socket.pause()
      socket.close(4900)
      socket.resume()
    })
    peer.write(frame('{"op":0}'))
    peer.end(frame(Buffer.from([0x13, 0x24]), { opcode: 8 }))
    expect(await connection.closed).toEqual({ code: 4900, reason: '' })
    expect(connection.events).toEqual(['opened', 'closed'])
  })

  test('terminate while paused ends at once', async () => {
    const { connection, peer } = await opened()
    connection.call((socket) => socket.pause())
    peer.write(frame('{"op":0}'))
    connection.call((socket) => socket.terminate())
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
  })
})
