import { once } from 'node:events'
import { Agent, createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo, type LookupFunction, type Socket } from 'node:net'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { userAgent } from '../../src/protocol/user-agent.ts'
import { eventually } from '../support/eventually.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'
import { frame, RawServer, upgrade } from './raw-server.ts'
import { TestConnection } from './test-connection.ts'
import { WsServer } from './ws-server.ts'

/** An HTTP server that answers requests and upgrades alike; the URL to connect to. */
async function httpServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the upgrade', () => {
  test('says who we are, keeps path and query, and offers no compression', async () => {
    const server = await WsServer.start({ perMessageDeflate: true })
    const connection = new TestConnection(`${server.url}/?v=10&encoding=json`)
    const { request, webSocket } = await server.peer()
    await connection.opened
    expect(request.url).toBe('/?v=10&encoding=json')
    expect(request.headers['user-agent']).toBe(userAgent)
    expect(request.headers['sec-websocket-extensions']).toBeUndefined()
    expect(webSocket.extensions).toBe('')
  })

  test('carries the headers given', async () => {
    const server = await WsServer.start()
    const connection = new TestConnection(server.url, { headers: { 'X-Proxy': 'yes', 'User-Agent': 'mine' } })
    const { request } = await server.peer()
    await connection.opened
    expect(request.headers).toMatchObject({ 'x-proxy': 'yes', 'user-agent': 'mine' })
  })

  test('goes through the agent given', async () => {
    const server = await WsServer.start()
    const target = Number(new URL(server.url).port)
    const agent = new Agent()
    const createConnection = vi.fn<() => Socket>(() => connect(target, '127.0.0.1'))
    Object.assign(agent, { createConnection })
    const connection = new TestConnection('ws://gateway.test/', { agent })
    const { request } = await server.peer()
    await connection.opened
    expect(request.headers.host).toBe('gateway.test')
    expect(createConnection).toHaveBeenCalledTimes(1)
  })

  test('a payload in the packet of the 101 comes after `opened`', async () => {
    const server = await RawServer.start((socket) => {
      void upgrade(socket, Buffer.concat([frame('{"op":10}'), frame('{"op":11}')]))
    })
    const connection = new TestConnection(server.url)
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}', '{"op":11}']))
  })

  test('paused before it opens, a connection opens and does not read', async () => {
    const server = await RawServer.start((socket) => {
      void upgrade(socket, frame('{"op":10}'))
    })
    const connection = new TestConnection(server.url)
    connection.call((socket) => socket.pause())
    await connection.opened
    for (let turn = 0; turn < 20; turn += 1) await settled()
    expect(connection.events).toEqual(['opened'])
    connection.call((socket) => socket.resume())
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}']))
  })
})

describe('the connect deadline', () => {
  test.each([
    ['that accepts and says nothing', 'ws', () => undefined],
    ['that never finishes TLS', 'wss', () => undefined],
    [
      'that never finishes its answer',
      'ws',
      (socket: Socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\n')
      },
    ],
  ])('ends a wait for a server %s', async (_, scheme, behave) => {
    const accepted = Promise.withResolvers<Socket>()
    const server = await RawServer.start((socket) => {
      behave(socket)
      accepted.resolve(socket)
    })
    const clock = new VirtualClock()
    const url = server.url.replace('ws', scheme)
    const connection = new TestConnection(url, { clock, connectTimeoutMs: 15_000 })
    const socket = await accepted.promise
    await clock.advance(14_999)
    expect(connection.events).toEqual([])
    await clock.advance(1)
    const { code, error } = await connection.closed
    const host = new URL(server.url).host
    expect(code).toBe(1006)
    expect(error).toMatchObject({
      name: 'TimeoutError',
      code: 'TIMEOUT_CONNECT',
      message: `connecting to ${host} took longer than 15000 ms`,
      context: { host, timeoutMs: 15_000 },
    })
    socket.resume()
    await once(socket, 'close')
    expect(clock.pending).toBe(0)
  })

  test('holds no longer than until the connection is open', async () => {
    const server = await WsServer.start()
    const clock = new VirtualClock()
    const connection = new TestConnection(server.url, { clock })
    const { webSocket } = await server.peer()
    await connection.opened
    expect(clock.pending).toBe(0)
    await clock.advance(10_000_000)
    webSocket.send('{"op":10}')
    await eventually(() => expect(connection.events).toEqual(['opened', '{"op":10}']))
  })
})

describe('a refused upgrade', () => {
  test.each([
    [401, {}, {}],
    [429, { 'retry-after': '7' }, { retryAfterMs: 7_000 }],
    [429, { 'retry-after': '0.65' }, { retryAfterMs: 650 }],
    [503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, {}],
    [503, { 'retry-after': '-5' }, {}],
    [520, {}, {}],
    [302, { location: 'http://127.0.0.1:1/' }, {}],
    [200, {}, {}],
  ])('with %i and %o', async (status, headers, expected) => {
    const url = await httpServer((_request, response) => response.writeHead(status, headers).end('no'))
    const connection = new TestConnection(url)
    const { code, reason, error } = await connection.closed
    const { host } = new URL(url)
    expect([code, reason]).toEqual([1006, ''])
    expect(error).toMatchObject({
      name: 'ConnectError',
      code: 'CONNECT_REFUSED',
      message: `${host} refused the websocket upgrade with status ${status}`,
    })
    expect(error?.context).toEqual({ host, status, ...expected })
    expect(connection.events).toEqual(['closed'])
  })

  test('is known from its head, and dropped while its body goes on', async () => {
    const dropped = Promise.withResolvers<void>()
    const url = await httpServer((request, response) => {
      request.socket.once('close', () => dropped.resolve())
      response.writeHead(503).write('an endless page')
    })
    const { error } = await new TestConnection(url).closed
    expect(error).toMatchObject({ code: 'CONNECT_REFUSED', context: { status: 503 } })
    await dropped.promise
  })
})

describe('no connection', () => {
  test('nobody listens', async () => {
    const server = await RawServer.start()
    server.stop()
    const { error } = await new TestConnection(server.url).closed
    expect(error).toMatchObject({
      name: 'ConnectError',
      code: 'CONNECT_FAILED',
      context: { code: 'ECONNREFUSED' },
      cause: { code: 'ECONNREFUSED' },
    })
  })

  test('on any of several addresses: all are named', async () => {
    const server = await RawServer.start()
    const { port } = new URL(server.url)
    server.stop()
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]
    const lookup: LookupFunction = (_host, _options, found) => found(null, addresses)
    const agent = new Agent({ lookup, autoSelectFamily: true })
    const { error } = await new TestConnection(`ws://gateway.test:${port}`, { agent }).closed
    expect(error?.message).toMatch(
      /^cannot connect to gateway\.test:\d+: connect E\w+ 127\.0\.0\.1:\d+.*, connect E\w+ ::1:\d+/,
    )
  })

  test('a host that does not exist', async () => {
    const { error } = await new TestConnection('ws://gateway.invalid').closed
    expect(error?.code).toBe('CONNECT_FAILED')
    expect(error?.message).toMatch(/^cannot connect to gateway\.invalid: getaddrinfo E\w+ gateway\.invalid$/)
  })

  test.each([
    ['drops the connection', (socket: Socket) => socket.destroy()],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['ends it politely', (socket: Socket) => socket.end()],
    ['does not speak HTTP', (socket: Socket) => socket.end('220 mail.test ESMTP\r\n')],
    [
      'proves nothing',
      (socket: Socket) =>
        socket.write(
          'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: eA==\r\n\r\n',
        ),
    ],
    [
      'chooses an extension that was not offered',
      (socket: Socket) =>
        socket.write(
          'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
        ),
    ],
  ])('to a server that %s', async (_, behave) => {
    const server = await RawServer.start((socket) => {
      socket.once('data', () => behave(socket))
    })
    const connection = new TestConnection(server.url)
    const { code, error } = await connection.closed
    expect(code).toBe(1006)
    expect(error).toMatchObject({ name: 'ConnectError', code: 'CONNECT_FAILED' })
    expect(connection.events).toEqual(['closed'])
  })

  test.each(['nonsense', 'ftp://gateway.test', 'ws://', 'ws://gateway.test/#fragment'])(
    'a URL that cannot be used: %s',
    async (url) => {
      const { error } = await new TestConnection(url).closed
      expect(error).toMatchObject({ code: 'CONNECT_FAILED' })
    },
  )

  test('a header that cannot be sent', async () => {
    const server = await RawServer.start()
    const { error } = await new TestConnection(server.url, { headers: { 'X-Name': 'a\nb' } }).closed
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' })
    expect(server.sockets).toEqual([])
  })

  test('an error names the host, and nothing else of the URL', async () => {
    const server = await RawServer.start()
    server.stop()
    const url = server.url.replace('//', '//user:secret@')
    const { error } = await new TestConnection(`${url}/?token=secret`).closed
    expect(error?.code).toBe('CONNECT_FAILED')
    expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain('secret')
  })
})

describe('given up while connecting', () => {
  test.each(['close', 'terminate'] as const)('by %s', async (method) => {
    const accepted = Promise.withResolvers<Socket>()
    const server = await RawServer.start(accepted.resolve)
    const clock = new VirtualClock()
    const connection = new TestConnection(server.url, { clock })
    const socket = await accepted.promise
    connection.call((each) => (method === 'close' ? each.close(4900) : each.terminate()))
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
    expect(connection.events).toEqual(['closed'])
    socket.resume()
    await once(socket, 'close')
    expect(clock.pending).toBe(0)
  })

  test('before a TCP connection was made', async () => {
    const server = await RawServer.start()
    const connection = new TestConnection(server.url)
    connection.call((socket) => socket.terminate())
    expect(await connection.closed).toEqual({ code: 1006, reason: '' })
  })

  test('nothing is sent before it is open', async () => {
    const server = await WsServer.start()
    const connection = new TestConnection(server.url)
    connection.call((socket) => socket.send('early'))
    const { webSocket } = await server.peer()
    const received: string[] = []
    webSocket.on('message', (message: Buffer) => received.push(String(message)))
    await connection.opened
    connection.call((socket) => socket.send('late'))
    await eventually(() => expect(received).toEqual(['late']))
  })
})
