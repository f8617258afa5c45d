import { once } from 'node:events'
import { createServer, Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'

import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'

import { cert, key, otherCert } from '../support/certificate.ts'
import { TestConnection } from './test-connection.ts'

/** A websocket server with the certificate of localhost, gateway.test and 127.0.0.1; it says hello. */
async function tlsServer(): Promise<{ readonly port: number; readonly names: unknown[] }> {
  const server = createServer({ cert, key })
  const webSockets = new WebSocketServer({ server })
  const names: unknown[] = []
  webSockets.on('connection', (webSocket, request) => {
    names.push((request.socket as TLSSocket & { servername?: unknown }).servername)
    webSocket.send('{"op":10}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const client of webSockets.clients) client.terminate()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, names }
}

test('a server whose root is trusted by the options is taken', async () => {
  const { port, names } = await tlsServer()
  const connection = new TestConnection(`wss://localhost:${port}`, { tls: { ca: cert } })
  const seen = Promise.withResolvers<void>()
  connection.onPayload = () => seen.resolve()
  await seen.promise
  expect(connection.events).toEqual(['opened', '{"op":10}'])
  expect(names).toEqual(['localhost'])
})

test.each([
  ['with the roots of the system', undefined],
  ['with another root', { ca: otherCert }],
])('a server whose root is not known is refused: %s', async (_, tls) => {
  const { port, names } = await tlsServer()
  const connection = new TestConnection(`wss://localhost:${port}`, tls === undefined ? {} : { tls })
  const { code, error } = await connection.closed
  expect(code).toBe(1006)
  expect(error).toMatchObject({
    name: 'ConnectError',
    code: 'CONNECT_TLS',
    context: { host: `localhost:${port}`, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  })
  expect(connection.events).toEqual(['closed'])
  expect(names).toEqual([])
})

test('a certificate for another name is refused', async () => {
  const { port } = await tlsServer()
  const tls = { ca: cert, servername: 'discord.test' }
  const { error } = await new TestConnection(`wss://127.0.0.1:${port}`, { tls }).closed
  expect(error).toMatchObject({
    code: 'CONNECT_TLS',
    context: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  })
})

test('servername is what is asked for and checked, whatever the address', async () => {
  const { port, names } = await tlsServer()
  const tls = { ca: cert, servername: 'gateway.test' }
  await new TestConnection(`wss://127.0.0.1:${port}`, { tls }).opened
  await new TestConnection(`wss://127.0.0.1:${port}`, { tls: { ca: cert } }).opened
  expect(names).toEqual(['gateway.test', false])
})

test('an agent’s own TLS settings hold, unless the options have some', async () => {
  const { port } = await tlsServer()
  await new TestConnection(`wss://localhost:${port}`, { agent: new Agent({ ca: cert }) }).opened
  const tls = { ca: otherCert }
  const distrusting = new TestConnection(`wss://localhost:${port}`, { agent: new Agent({ ca: cert }), tls })
  expect((await distrusting.closed).error?.context).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})
