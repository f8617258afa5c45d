import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Emulator } from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { rules, startEmulator } from './fixture.ts'
import { greeted, ready } from './script-client.ts'

/** An emulator must outlive whatever a client does; what it throws would end the test run as an uncaught exception. */
async function stillServes(emulator: Emulator): Promise<void> {
  const client = await greeted(emulator)
  await client.settle()
  expect(client.names()).toEqual([10, 11])
}

/** A TCP connection that swallows errors, as garbage gets reset. */
async function tcp(emulator: Emulator): Promise<Socket> {
  const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'connect')
  return socket
}

async function gone(socket: Socket): Promise<void> {
  if (socket.closed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', () => resolve())
  await promise
}

const upgrade = (target = '/?v=10&encoding=json'): string =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** A raw socket behind the WebSocket handshake, and the connection that the emulator made of it. */
async function upgraded(emulator: Emulator): Promise<Socket> {
  const arrived = emulator.waitFor('connection')
  const socket = await tcp(emulator)
  socket.write(upgrade())
  await arrived
  return socket
}

test.each([
  ['bytes that are no HTTP', '\u0016\u0003\u0001\u0002\u0000garbage'.repeat(100)],
  ['a request line alone, and the end', 'GET / HTTP/1.1\r\n'],
  ['headers without end', `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5000)}`],
  ['an endless target', upgrade(`/?v=10&${'x'.repeat(100_000)}`)],
  ['a target of two slashes', upgrade('//')],
  ['a target that is no URL', upgrade('http://[')],
  ['a target with broken escapes', upgrade('/?v=%zz&encoding=%')],
  ['an upgrade without key', upgrade().replace(/Sec-WebSocket-Key.*\r\n/, '')],
  ['an upgrade with POST', upgrade().replace('GET', 'POST')],
  ['an upgrade to something else', upgrade().replace('websocket', 'h2c')],
  ['an ancient WebSocket version', upgrade().replace('Version: 13', 'Version: 0')],
  ['a tunnel', 'CONNECT discord.com:443 HTTP/1.1\r\nHost: discord.com\r\n\r\n'],
  [
    'a REST target with broken escapes',
    'GET /api/v10/channels/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  ],
  ['a REST target that is no URL', 'GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ['a body shorter than announced', 'POST /api/v10/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{'],
  ['a chunk of no size', 'POST /api/v10/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
])('%s does no harm', async (_name, text) => {
  const { emulator } = await startEmulator()
  const socket = await tcp(emulator)
  socket.end(text)
  await gone(socket)
  await stillServes(emulator)
  expect(emulator.all.connectionCount).toBe(1)
})

test.each<[string, number[], number, string]>([
  ['an unmasked frame', [0x81, 0x02, 0x7b, 0x7d], 1002, 'decode'],
  ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0], 1002, 'decode'],
  ['a reserved bit', [0xc1, 0x80, 0, 0, 0, 0], 1002, 'decode'],
  ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], 1002, 'decode'],
  ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0], 1002, 'decode'],
  ['a close frame of one byte', [0x88, 0x81, 0, 0, 0, 0, 0], 1002, 'decode'],
  [
    'a frame of two exabytes',
    [0x81, 0xff, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    1009,
    'size',
  ],
  ['a frame of 256 MiB', [0x81, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0], 1009, 'size'],
])('E4: %s closes the socket and is reported', async (_name, bytes, code, rule) => {
  const { emulator } = await startEmulator()
  const socket = await upgraded(emulator)
  socket.write(Buffer.from(bytes))
  await emulator.until(() => rules(emulator).length > 0)
  expect(rules(emulator)).toEqual([rule])
  socket.end()
  await gone(socket)
  await emulator.until(() => emulator.all.connectionCount === 0)
  expect(emulator.report().connections).toMatchObject([{ closedBy: 'emulator', closeCode: code }])
  await stillServes(emulator)
})

test('a message of megabytes closes with 1009', async () => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  client.socket.send('x'.repeat(8 * 1024 * 1024))
  await client.closed
  expect(rules(emulator)).toEqual(['size'])
  expect(emulator.report().connections).toMatchObject([{ closedBy: 'emulator', closeCode: 1009 }])
  await stillServes(emulator)
})

test('a peer that breaks off in the middle of a frame, or only one direction, loses its socket and no session', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  for (const leave of [
    (socket: Socket) => socket.resetAndDestroy(),
    (socket: Socket) => socket.end(Buffer.from([0x81, 0xfe, 0x10])),
    (socket: Socket) => socket.end(),
  ]) {
    const left = emulator.waitFor('disconnect')
    const socket = await upgraded(emulator)
    leave(socket)
    expect(await left).toMatchObject({ closedBy: 'client', closeCode: 1006 })
  }
  await client.settle()
  expect(emulator.report().sessions).toMatchObject([{ connected: true }])
})

test('a peer that is there and never says a word is closed when its beats are missing', async () => {
  const { emulator, clock } = await startEmulator()
  const socket = await upgraded(emulator)
  socket.pause()
  clock.advance(61_875)
  expect(rules(emulator)).toEqual(['heartbeat-late'])
  clock.advance(5000)
  await emulator.until(() => emulator.all.connectionCount === 0)
  await stillServes(emulator)
})

test('a refused peer that does not close is closed', async () => {
  const { emulator, clock } = await startEmulator()
  const socket = connect({ port: Number(new URL(emulator.url).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.write(upgrade('/?encoding=xml'))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toContain('HTTP/1.1 400 Bad Request')
  clock.advance(5000)
  const failed = once(socket, 'error')
  const poke = setInterval(() => socket.write('x'), 10)
  expect(String(await failed)).toMatch(/EPIPE|ECONNRESET/)
  clearInterval(poke)
})

test('bytes that are no TLS do no harm to a TLS listener', async () => {
  const { emulator } = await startEmulator({ tls: { key, cert } })
  const socket = await tcp(emulator)
  socket.write(upgrade())
  await gone(socket)
  await stillServes(emulator)
  expect(emulator.report().connections).toHaveLength(1)
})

test('any bytes behind the handshake do no harm', async () => {
  const { emulator } = await startEmulator()
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const socket = await upgraded(emulator)
      socket.end(bytes)
      await gone(socket)
    }),
    { numRuns: 100 },
  )
  await stillServes(emulator)
  expect(emulator.all.connectionCount).toBe(1)
})

/** Keys that commands know, with values that they do not expect, or do. */
const commandData = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record(
    Object.fromEntries(
      `token session_id seq intents shard properties presence capabilities large_threshold guild_id channel_id
       self_mute query limit user_ids presences nonce guild_ids fields since activities status`
        .split(/\s+/)
        .map((name) => [
          name,
          fc.oneof(
            fc.constantFrom('', '1', '123456789012345678', 0, 1, -1, null, true, [], {}, ['1'], [0, 1]),
            fc.jsonValue({ maxDepth: 1 }),
          ),
        ]),
    ),
    { requiredKeys: [] },
  ),
)

test('any command, before and after identify, is answered, ignored or punished', async () => {
  const { emulator } = await startEmulator({ identifyWindowMs: 0, sessionStartLimit: { total: 1_000_000 } })
  const op = fc.oneof(fc.constantFrom(1, 2, 3, 4, 6, 8, 31, 43), fc.jsonValue({ maxDepth: 1 }))
  await fc.assert(
    fc.asyncProperty(fc.boolean(), op, commandData, async (live, opcode, data) => {
      const client = await (live ? ready(emulator, { intents: 0 }) : greeted(emulator))
      const { frameCount } = emulator.report()
      client.socket.send(JSON.stringify({ op: opcode, d: data }))
      await emulator.until(() => emulator.report().frameCount > frameCount)
      client.socket.terminate()
    }),
    { numRuns: 200 },
  )
  const { connections, violations } = emulator.report()
  expect(connections.filter(({ closedBy }) => closedBy === 'emulator')).toHaveLength(violations.length)
  await stillServes(emulator)
})
