import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

import { expect, test } from 'vitest'

import type { Emulator } from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { startEmulator } from './fixture.ts'
import { greeted, ready, ScriptClient } from './script-client.ts'

/** An upgrade without a WebSocket library, to see the TCP segments. */
function rawUpgrade(emulator: Emulator): Socket {
  const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1')
  socket.write(
    'GET /?v=10&encoding=json HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  return socket
}

test('E35: op 7 is followed by close 1001 within 1 to 5 s, and the session can be resumed', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator)
  emulator.shard(0).reconnect()
  await client.next(7)
  clock.advance(999)
  expect(emulator.all.connectionCount).toBe(1)
  clock.advance(4001)
  expect(await client.closed).toEqual({
    code: 1001,
    reason: 'Discord WebSocket requesting client reconnect.',
  })
  const next = await greeted(emulator, undefined, emulator.resumeUrl)
  next.send(6, { token: emulator.token, session_id: client.sessionId, seq: 1 })
  await next.next('RESUMED')
})

test('E40: an outage refuses upgrades, acknowledges beats and answers identify and resume with op 9', async () => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator)
  emulator.outage(true)
  await expect(new ScriptClient(emulator.url).opened).rejects.toThrow('503')
  await client.settle()
  client.send(2, { token: emulator.token, intents: 1, properties: {} })
  expect((await client.next(9)).d).toBe(false)
  client.send(6, { token: emulator.token, session_id: 'x', seq: 1 })
  expect((await client.next(9)).d).toBe(false)
  emulator.outage({ upgradeStatus: undefined, answer: 'silence' })
  const other = await greeted(emulator)
  other.send(2, { token: emulator.token, intents: 1, properties: {} })
  await other.settle()
  expect(other.names()).toEqual([10, 11])
  emulator.outage(false)
  await ready(emulator)
})

test('E40: a guild outage is GUILD_DELETE unavailable, its end GUILD_CREATE', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  await client.settle()
  const guildId = emulator.world.guildIds[0] ?? ''
  emulator.all.guildOutage(guildId)
  expect((await client.next('GUILD_DELETE')).d).toEqual({ id: guildId, unavailable: true })
  emulator.all.guildOutage(guildId, false)
  await client.settle()
  expect(client.received.at(-2)).toMatchObject({ t: 'GUILD_CREATE', d: { id: guildId, unavailable: false } })
})

test('drop ends TCP without a close frame, on the shard that is named', async () => {
  const { emulator } = await startEmulator({ maxConcurrency: 2 })
  const zero = await ready(emulator, { shard: [0, 2] })
  const one = await ready(emulator, { shard: [1, 2] })
  emulator.shard(1).drop()
  expect((await one.closed).code).toBe(1006)
  await zero.settle()
})

test('reset ends TCP with RST', async () => {
  const { emulator } = await startEmulator()
  const socket = rawUpgrade(emulator)
  await once(socket, 'data')
  const failed = once(socket, 'error')
  emulator.all.reset()
  expect(String(await failed)).toContain('ECONNRESET')
})

test('freeze neither reads nor writes; thaw delivers everything in order', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.all.freeze()
  emulator.dispatch('USER_UPDATE', { index: 1 })
  client.send(1, 1)
  clock.advance(200_000)
  expect(emulator.report().frames).toHaveLength(1)
  emulator.dispatch('USER_UPDATE', { index: 2 })
  emulator.all.thaw()
  await client.next(11)
  expect(client.names()).toEqual([10, 'READY', 'USER_UPDATE', 'USER_UPDATE', 11])
})

test('a frozen socket that is closed stays a black hole; the close frame comes when it thaws', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.all.freeze()
  emulator.dispatch('USER_UPDATE', {})
  emulator.all.close(4000)
  const other = await greeted(emulator)
  await other.settle()
  expect(client.names()).toEqual([10, 'READY'])
  expect(client.socket.readyState).toBe(client.socket.OPEN)
  emulator.all.thaw()
  expect((await client.closed).code).toBe(4000)
  expect(client.names()).toEqual([10, 'READY', 'USER_UPDATE'])
})

test('refuseUpgrade answers so many upgrades with the status', async () => {
  const { emulator } = await startEmulator()
  emulator.all.refuseUpgrade(520, { times: 2 })
  await expect(new ScriptClient(emulator.url).opened).rejects.toThrow('520')
  await expect(new ScriptClient(emulator.resumeUrl).opened).rejects.toThrow('520')
  await greeted(emulator)
  expect(emulator.report().refusedUpgrades).toEqual({ 520: 2 })
})

test('withholdHello leaves the next socket without Hello, but serves it otherwise', async () => {
  const { emulator } = await startEmulator()
  emulator.all.withholdHello()
  const silent = new ScriptClient(emulator.url)
  await silent.opened
  await silent.settle()
  expect(silent.names()).toEqual([11])
  await greeted(emulator)
})

test('coalesceHello puts Hello into the segment of the 101 response', async () => {
  const { emulator } = await startEmulator()
  emulator.all.coalesceHello()
  const socket = rawUpgrade(emulator)
  const first = String(await once(socket, 'data'))
  socket.destroy()
  expect(first).toMatch(/^HTTP\/1\.1 101 /)
  expect(first).toContain('heartbeat_interval')
})

test('coalesceHello works under TLS too, and with compression', async () => {
  const { emulator } = await startEmulator({ tls: { key, cert } })
  emulator.all.coalesceHello()
  await ready(emulator, {}, 'v=10&encoding=json&compress=zlib-stream')
  expect(emulator.report().identifies).toMatchObject([{ outcome: 'ready' }])
})

test('op 9 d:true leaves the session to be resumed on the same socket', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.all.invalidateSession(true)
  expect((await client.next(9)).d).toBe(true)
  client.send(6, { token: emulator.token, session_id: client.sessionId, seq: 1 })
  await client.next('RESUMED')
})

test('op 9 d:false ends the session; a switch also closes the socket', async () => {
  const { emulator } = await startEmulator({ switches: { afterInvalidSession: 'close-4000' } })
  const client = await ready(emulator)
  emulator.all.invalidateSession(false)
  await client.next(9)
  expect((await client.closed).code).toBe(4000)
  expect(emulator.report().sessions[0]?.endReason).toBe('invalidated')
})

test.each([1000, 1012, 4009, 4014, 4999])('close sends code %d and keeps the session', async (code) => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  emulator.all.close(code, 'because')
  expect(await client.closed).toEqual({ code, reason: 'because' })
  await emulator.until(() => emulator.all.connectionCount === 0)
  expect(emulator.report().sessions[0]).toMatchObject({ connected: false, endReason: null })
})

test('close without a code sends an empty close frame; reserved codes go out as they are', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator)
  emulator.all.close()
  expect((await client.closed).code).toBe(1005)
  clock.advance(5000)
  const other = await ready(emulator)
  const errors: string[] = []
  other.socket.on('error', (error) => errors.push(error.message))
  emulator.all.close(1015)
  await other.closed
  expect(errors.join()).toContain('invalid status code 1015')
})

test.each(['zlib-stream', 'zstd-stream'])(
  'corruptNext breaks a %s, the next socket is clean',
  async (compress) => {
    const { emulator, clock } = await startEmulator()
    const query = `v=10&encoding=json&compress=${compress}`
    const client = await ready(emulator, { intents: 0 }, query)
    emulator.all.corruptNext()
    emulator.dispatch('USER_UPDATE', {})
    await expect.poll(() => client.messages.length).toBe(3)
    expect(client.names()).toEqual([10, 'READY'])
    clock.advance(5000)
    await ready(emulator, {}, query)
  },
)

test('corruptNext and truncateNext damage plain text once', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const bodies: string[] = []
  client.socket.removeAllListeners('message')
  client.socket.on('message', (message: Buffer) => bodies.push(message.toString()))
  emulator.all.truncateNext()
  for (let index = 0; index < 2; index++) emulator.dispatch('USER_UPDATE', { index })
  await expect.poll(() => bodies.length).toBe(2)
  expect(() => JSON.parse(bodies[0] ?? '')).toThrow(SyntaxError)
  expect(JSON.parse(bodies[1] ?? '')).toMatchObject({ d: { index: 1 } })
})

test('splitFrames cuts a zlib-stream payload into messages, and text into fragments of one', async () => {
  const { emulator, clock } = await startEmulator()
  const zlib = await ready(emulator, { intents: 0 }, 'v=10&encoding=json&compress=zlib-stream')
  emulator.all.splitFrames(3)
  emulator.dispatch('USER_UPDATE', { text: 'x y z' })
  await zlib.next('USER_UPDATE')
  expect(zlib.messages).toHaveLength(5)
  emulator.all.splitFrames(1)
  clock.advance(5000)
  const plain = await ready(emulator, { intents: 0 })
  emulator.shard(0).splitFrames(3)
  emulator.dispatch('USER_UPDATE', {})
  await plain.next('USER_UPDATE')
  expect(plain.messages).toHaveLength(3)
})

test('splitFrames keeps a zstd-stream payload one message, cut into fragments', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 }, 'v=10&encoding=json&compress=zstd-stream')
  emulator.all.splitFrames(4)
  emulator.dispatch('USER_UPDATE', { text: 'ä'.repeat(100) })
  expect((await client.next('USER_UPDATE')).d.text).toBe('ä'.repeat(100))
  expect(client.messages).toHaveLength(3)
})

test('E36: of a split zlib-stream payload only the last message ends with the suffix', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 }, 'v=10&encoding=json&compress=zlib-stream')
  emulator.all.splitFrames(3)
  emulator.dispatch('USER_UPDATE', { text: 'some text that does not repeat itself much' })
  await client.next('USER_UPDATE')
  const ends = client.messages.slice(2).map(({ bytes }) => bytes.subarray(-4).toString('hex'))
  expect(ends.map((end) => end === '0000ffff')).toEqual([false, false, true])
})

test('delay holds everything back by so much, in order', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.shard(0).delay(1000)
  emulator.dispatch('USER_UPDATE', { index: 1 })
  clock.advance(500)
  emulator.dispatch('USER_UPDATE', { index: 2 })
  client.send(1, 1)
  await emulator.waitFor('heartbeat')
  expect(client.names()).toEqual([10, 'READY'])
  clock.advance(500)
  expect((await client.next('USER_UPDATE')).d).toEqual({ index: 1 })
  expect(client.names()).toEqual([10, 'READY', 'USER_UPDATE'])
  clock.advance(500)
  await client.next(11)
  expect(client.names()).toEqual([10, 'READY', 'USER_UPDATE', 'USER_UPDATE', 11])
})

test('deadResumeHost names a port that refuses, and can close the real one too', async () => {
  const { emulator } = await startEmulator()
  emulator.deadResumeHost({ closeListener: true })
  const client = await ready(emulator)
  const url: string = client.received[1]?.d.resume_gateway_url
  await expect(new ScriptClient(url).opened).rejects.toThrow('ECONNREFUSED')
  await expect(new ScriptClient(emulator.resumeUrl).opened).rejects.toThrow('ECONNREFUSED')
  await greeted(emulator)
})

test('deadResumeHost keeps the scheme, and clearFaults brings the real host back', async () => {
  const { emulator, clock } = await startEmulator({ tls: { key, cert } })
  emulator.deadResumeHost()
  const client = await ready(emulator)
  expect(client.received[1]?.d.resume_gateway_url).toMatch(/^wss:/)
  await expect(new ScriptClient(client.received[1]?.d.resume_gateway_url).opened).rejects.toThrow(
    'ECONNREFUSED',
  )
  emulator.clearFaults()
  clock.advance(5000)
  const next = await ready(emulator)
  expect(next.received[1]?.d.resume_gateway_url).toBe(emulator.resumeUrl)
})

test('sendRaw sends what no other call would', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  emulator.all.sendRaw('{"op":99,"d":null,"s":null,"t":null}')
  expect(await client.next(99)).toMatchObject({ d: null })
})

test('a client that does not read is dropped at the cap, its session kept', async () => {
  const { emulator } = await startEmulator({ maxBufferedBytes: 100_000 })
  const client = await ready(emulator, { intents: 0 })
  client.socket.pause()
  emulator.all.freeze()
  for (let count = 0; count < 3; count++) emulator.dispatch('USER_UPDATE', { text: 'x'.repeat(50_000) })
  await emulator.until(() => emulator.all.connectionCount === 0)
  expect(emulator.report().violations.map(({ rule }) => rule)).toEqual(['slow-reader'])
  expect(emulator.report().sessions[0]?.endReason).toBeNull()
})
