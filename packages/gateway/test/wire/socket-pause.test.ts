import type { Socket } from 'node:net'

import { expect, test } from 'vitest'

import { eventually } from '../support/eventually.ts'
import { settled } from '../support/virtual-clock.ts'
import { clientFrames, frame, RawServer, upgrade } from './raw-server.ts'
import { TestConnection } from './test-connection.ts'

const chunkBytes = 256 * 1024
/** More than both ends of a loopback connection ever buffer. */
const chunks = 400

/** Writes chunk after chunk, each when the last was taken by the kernel. */
class Flood {
  /** Chunks that were taken. */
  taken = 0
  readonly done: Promise<void>

  constructor(socket: Socket) {
    this.done = this.#run(socket)
  }

  /** Resolves when no chunk was taken for half a second, or all were. */
  async stalled(): Promise<void> {
    for (let seen = -1; seen !== this.taken && this.taken < chunks;) {
      seen = this.taken
      await new Promise((resolve) => {
        setTimeout(resolve, 500)
      })
    }
  }

  async #run(socket: Socket): Promise<void> {
    for (let at = 0; at < chunks; at += 1) {
      const text = `{"op":0,"s":${at},"d":"${'x'.repeat(chunkBytes)}"}`
      await new Promise((resolve) => {
        socket.write(frame(text), resolve)
      })
      this.taken += 1
    }
  }
}

async function connected(): Promise<{
  readonly connection: TestConnection
  readonly peer: Socket
  readonly received: () => string[]
}> {
  const upgraded = Promise.withResolvers<Socket>()
  const bytes: Buffer[] = []
  const server = await RawServer.start((socket) => {
    void upgrade(socket).then(() => {
      socket.on('data', (chunk: Buffer) => bytes.push(chunk))
      return upgraded.resolve(socket)
    })
  })
  const connection = new TestConnection(server.url)
  await connection.opened
  const received = (): string[] => clientFrames(Buffer.concat(bytes)).map(({ payload }) => String(payload))
  return { connection, peer: await upgraded.promise, received }
}

test('a pause stops the peer, not us; what was sent comes later, all and in order', async () => {
  const { connection, peer, received } = await connected()
  const sequences: number[] = []
  connection.onPayload = ({ sequence }) => sequences.push(sequence)
  connection.call((socket) => socket.pause())
  const flood = new Flood(peer)
  await flood.stalled()
  expect(flood.taken).toBeLessThan(chunks / 2)
  expect(sequences).toEqual([])

  connection.call((socket) => socket.send('beat'))
  await eventually(() => expect(received()).toEqual(['beat']))
  expect(sequences).toEqual([])

  connection.call((socket) => socket.resume())
  await flood.done
  await eventually(() => expect(sequences).toHaveLength(chunks))
  expect(sequences).toEqual(Array.from({ length: chunks }, (_, at) => at))
})

test('a pause from within a payload ends reading with the bytes that were read already', async () => {
  const { connection, peer } = await connected()
  const sequences: number[] = []
  connection.onPayload = ({ sequence }) => {
    sequences.push(sequence)
    if (sequence === 3) connection.call((socket) => socket.pause())
  }
  const flood = new Flood(peer)
  await flood.stalled()
  expect(flood.taken).toBeLessThan(chunks / 2)
  const readBytes = sequences.length * chunkBytes
  // One more read of the socket at most: 64 KiB, or what an earlier read had left of a message.
  expect(readBytes).toBeLessThanOrEqual(6 * chunkBytes)
  connection.call((socket) => socket.resume())
  await flood.done
  await eventually(() => expect(sequences).toHaveLength(chunks))
  expect(sequences).toEqual(Array.from({ length: chunks }, (_, at) => at))
})

test('pausing and resuming over and over loses nothing', async () => {
  const { connection, peer } = await connected()
  const sequences: number[] = []
  connection.onPayload = ({ sequence }) => {
    sequences.push(sequence)
    connection.call((socket) => {
      socket.pause()
      socket.pause()
    })
    setImmediate(() =>
      connection.call((socket) => {
        socket.resume()
        socket.resume()
      }),
    )
  }
  for (let at = 0; at < 2_000; at += 1) {
    peer.write(frame(`{"op":0,"s":${at},"d":{}}`))
    if (at % 10 === 0) await settled()
  }
  await eventually(() => expect(sequences).toHaveLength(2_000))
  expect(sequences).toEqual(Array.from({ length: 2_000 }, (_, at) => at))
})
