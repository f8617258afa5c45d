import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { frame, RawServer, upgrade } from './raw-server.ts'

/** Runs `leave.ts`; what it printed, once it has ended by itself. Far less patient than the deadlines in it. */
async function leave(url: string, way: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--experimental-strip-types',
      '--no-warnings',
      '--conditions=twilight-source',
      join(import.meta.dirname, 'leave.ts'),
      url,
      way,
    ],
    { timeout: 60_000 },
  )
  return stdout
}

describe('a process whose connection has ended has nothing left to wait for', { timeout: 90_000 }, () => {
  test('terminated, the peer never notices', async () => {
    const server = await RawServer.start((socket) => upgrade(socket))
    expect(await leave(server.url, 'terminate')).toBe('closed 1006')
  })

  test('closed, and answered', async () => {
    const server = await RawServer.start(async (socket) => {
      await upgrade(socket)
      socket.once('data', () => socket.end(frame(Buffer.from([0x13, 0x24]), { opcode: 8 })))
    })
    expect(await leave(server.url, 'close')).toBe('closed 4900')
  })

  test('closed, and never answered', async () => {
    const server = await RawServer.start((socket) => upgrade(socket))
    expect(await leave(server.url, 'unanswered')).toBe('closed 1006')
  })

  test('closed by the peer', async () => {
    const server = await RawServer.start(async (socket) => {
      await upgrade(socket)
      socket.end(frame(Buffer.from([0x0f, 0xa0]), { opcode: 8 }))
    })
    expect(await leave(server.url, 'none')).toBe('closed 4000')
  })

  test('given up before it was open', async () => {
    const server = await RawServer.start()
    expect(await leave(server.url, 'early')).toBe('closed 1006')
  })

  test('not opened in time', async () => {
    const server = await RawServer.start()
    expect(await leave(server.url, 'deadline')).toBe('closed 1006')
  })

  test('refused', async () => {
    const server = await RawServer.start((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 503 Overloaded\r\nContent-Length: 1000\r\n\r\n'))
    })
    expect(await leave(server.url, 'none')).toBe('closed 1006')
  })
})
