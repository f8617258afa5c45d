import { inflateSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { EtfReader } from '../src/encoding/etf-reader.ts'
import { Intent } from '../src/protocol/intent.ts'
import { rules, startEmulator } from './fixture.ts'
import { greeted, ready, term } from './script-client.ts'

const query = 'v=10&encoding=etf'

test.each(['', '&compress=zlib-stream', '&compress=zstd-stream'])(
  'a session in ETF%s holds the same data as one in JSON',
  async (compress) => {
    const { emulator, clock } = await startEmulator()
    const etf = await ready(emulator, {}, `${query}${compress}`)
    clock.advance(5000)
    const json = await ready(emulator)
    const guildId = emulator.world.guildIds[0] ?? ''
    const [channel] = emulator.world.channels(guildId)
    emulator.dispatch('MESSAGE_CREATE', emulator.world.message(channel?.id ?? '', { content: 'hello' }))
    etf.send(8, { guild_id: guildId, query: '', limit: 0 })
    for (const client of [etf, json]) {
      await client.next('MESSAGE_CREATE')
      await client.settle()
    }
    await etf.next('GUILD_MEMBERS_CHUNK')
    // Guilds come shuffled.
    const [inEtf, inJson] = [etf, json].map(({ received }) =>
      received
        .filter(({ t }) => t === 'GUILD_CREATE' || t === 'MESSAGE_CREATE')
        .map(({ t, d }) => ({ t, d }))
        .toSorted((left, right) => String(left.d.id).localeCompare(String(right.d.id))),
    )
    expect(inEtf).toHaveLength(4)
    expect(inEtf).toEqual(inJson)
    expect(etf.messages.every(({ isBinary }) => isBinary)).toBe(true)
    expect(emulator.report().connections.map(({ encoding }) => encoding)).toEqual(['etf', 'json'])
    expect(rules(emulator)).toEqual([])
  },
)

test('READY has its shard as Erlang packs a list of bytes, and it is read as numbers', async () => {
  const { emulator } = await startEmulator({ shards: 2 })
  const client = await ready(emulator, { shard: [1, 2] }, query)
  expect(client.received.find(({ t }) => t === 'READY')?.d.shard).toEqual([1, 2])
  expect(
    client.messages.some(({ bytes }) => bytes.includes(Buffer.from('shardk\0\u0002\u0001\u0002', 'latin1'))),
  ).toBe(true)
})

test.each([
  ['text', JSON.stringify({ op: 1, d: null }), 'frame-kind'],
  ['JSON in a binary frame', Buffer.from(JSON.stringify({ op: 1, d: null })), 'decode'],
  [
    'keys that are atoms',
    Buffer.from('8374000000026400026f70610164000164 6400036e696c'.replace(' ', ''), 'hex'),
    'decode',
  ],
  ['a compressed term', Buffer.from('835000000004789c4b64640400027e00c9', 'hex'), 'decode'],
  ['half a term', term({ op: 1, d: null }).subarray(0, -1), 'decode'],
  ['a term that is no map', term([1]), 'decode'],
  ['more than 4096 bytes', term({ op: 1, d: null, pad: 'x'.repeat(4096) }), 'size'],
])('E4: %s closes with 4002', async (_name, message, rule) => {
  const { emulator } = await startEmulator()
  const client = await greeted(emulator, query)
  client.socket.send(message)
  expect((await client.closed).code).toBe(4002)
  expect(rules(emulator)).toEqual([rule])
})

test('a large id that a client sends as an integer is the snowflake', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, {}, query)
  const guildId = BigInt(emulator.world.guildIds[0] ?? 0)
  const digits = Buffer.alloc(8)
  digits.writeBigUInt64LE(guildId)
  // #{<<"op">> => 31, <<"d">> => #{<<"guild_ids">> => [GuildId]}}
  const message = Buffer.concat([
    Buffer.from('8374000000026d000000026f70611f6d0000000164', 'hex'),
    Buffer.from('74000000016d000000096775696c645f6964736c00000001', 'hex'),
    Buffer.from([110, 8, 0, ...digits, 106]),
  ])
  client.socket.send(message)
  expect((await client.next('SOUNDBOARD_SOUNDS')).d.guild_id).toBe(String(guildId))
  expect(emulator.report().frames.at(-1)?.data).toEqual({ guild_ids: [String(guildId)] })
})

test('a resume replays in ETF', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, {}, query)
  emulator.all.drop()
  await client.closed
  emulator.dispatch('USER_UPDATE', { id: '339261635191504896' })
  const again = await greeted(emulator, query, emulator.resumeUrl)
  again.send(6, { token: emulator.token, session_id: client.sessionId, seq: client.received.at(-1)?.s })
  expect((await again.next('USER_UPDATE')).d).toEqual({ id: '339261635191504896' })
  await again.next('RESUMED')
  expect(rules(emulator)).toEqual([])
})

test('E18: what a bot may not see is kept from it in each encoding, and only from it', async () => {
  const { emulator, clock } = await startEmulator({ bots: [{ world: { seed: 1 } }, { world: { seed: 2 } }] })
  const clients = []
  for (const { token } of emulator.bots) {
    for (const encoding of [undefined, query]) {
      clients.push(await ready(emulator, { token, intents: Intent.GuildMessages }, encoding))
      clock.advance(5000)
    }
  }
  for (const { world } of emulator.bots) {
    const author = { id: world.user.id }
    emulator.dispatch('MESSAGE_CREATE', {
      id: '1',
      guild_id: '3',
      channel_id: '2',
      content: 'secret',
      author,
    })
  }
  const seen = []
  for (const client of clients) {
    await client.settle()
    seen.push(client.received.filter(({ t }) => t === 'MESSAGE_CREATE').map(({ d }) => d.content))
  }
  expect(seen).toEqual([
    ['secret', ''],
    ['secret', ''],
    ['', 'secret'],
    ['', 'secret'],
  ])
})

test('E28: a resume with the other encoding gets op 9; a switch lets it through, and translates', async () => {
  const { emulator: strict } = await startEmulator()
  const first = await ready(strict)
  strict.all.drop()
  const refused = await greeted(strict, query, strict.resumeUrl)
  refused.send(6, { token: strict.token, session_id: first.sessionId, seq: 1 })
  expect((await refused.next(9)).d).toBe(false)

  const { emulator, clock } = await startEmulator({ switches: { resumeMismatch: 'accept' } })
  for (const [from, to] of [
    [undefined, query],
    [query, undefined],
  ]) {
    const client = await ready(emulator, { shard: [0, from === undefined ? 1 : 2] }, from)
    const seq = client.received.find(({ t }) => t === 'READY')?.s
    const guilds = client.received.filter(({ t }) => t === 'GUILD_CREATE').map(({ d }) => d)
    await client.settle()
    emulator.all.drop()
    await client.closed
    const again = await greeted(emulator, to, emulator.resumeUrl)
    again.send(6, { token: emulator.token, session_id: client.sessionId, seq })
    await again.next('RESUMED')
    const replayed = again.received.filter(({ t }) => t === 'GUILD_CREATE').map(({ d }) => d)
    expect(replayed.length).toBeGreaterThanOrEqual(guilds.length)
    expect(replayed.slice(0, guilds.length)).toEqual(guilds)
    emulator.dispatch('USER_UPDATE', { id: '339261635191504896' }, { shard: 0 })
    expect((await again.next('USER_UPDATE')).d).toEqual({ id: '339261635191504896' })
    again.socket.close(1000)
    await again.closed
    clock.advance(5000)
  }
})

test('E38: compress:true sends large payloads as compressed terms, small ones as they are', async () => {
  const { emulator } = await startEmulator({ payloadCompressionBytes: 500 })
  const client = await greeted(emulator, query)
  const identify = { token: emulator.token, intents: 0, properties: {}, compress: true }
  client.send(2, identify)
  await expect.poll(() => client.messages.length).toBe(2)
  const bytes = client.messages[1]?.bytes ?? Buffer.alloc(0)
  expect([...bytes.subarray(0, 2)]).toEqual([131, 80])
  const inflated = inflateSync(bytes.subarray(6))
  expect(bytes.readUInt32BE(2)).toBe(inflated.length)
  expect(inflated.includes('READY')).toBe(true)
})

test('faults meet ETF too: damaged bytes, fragments', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, {}, query)
  emulator.all.splitFrames(3)
  emulator.dispatch('USER_UPDATE', { whole: true })
  expect((await client.next('USER_UPDATE')).d).toEqual({ whole: true })
  const before = client.messages.length
  emulator.all.truncateNext()
  emulator.dispatch('USER_UPDATE', { whole: false })
  await expect.poll(() => client.messages.length).toBe(before + 1)
  const damaged = client.messages.at(-1)?.bytes ?? Buffer.alloc(0)
  expect(damaged[0]).toBe(131)
  expect(() => EtfReader.read(damaged, 1, 'any')).toThrow(Error)
})

test('a blast reaches sessions of both encodings, each in its own', async () => {
  const { emulator, clock } = await startEmulator()
  const etf = await ready(emulator, {}, query)
  clock.advance(5000)
  const json = await ready(emulator)
  const { events } = await emulator.blast(emulator.prepare({ count: 200 }), { mode: 'every-session' })
  expect(events).toBe(400)
  await etf.settle()
  await json.settle()
  // READY and three guilds came before.
  const sent = [etf, json].map(({ received }) =>
    received
      .filter(({ op }) => op === 0)
      .slice(4)
      .map(({ t, d }) => ({ t, d })),
  )
  expect(sent[0]).toHaveLength(200)
  expect(sent[0]).toEqual(sent[1])
})
