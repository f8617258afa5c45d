import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { VirtualClock } from '../src/index.ts'
import type { RecordedDispatch } from '../src/index.ts'
import { startEmulator } from './fixture.ts'
import { dispatches, header, readRecording, recordedLine, temporaryFile } from './recording-file.ts'
import { greeted, ready } from './script-client.ts'

/** Ids of guilds that belong to the shards 0 and 1 of two. */
const [evenGuild, oddGuild] = [String(2 << 22), String(3 << 22)]

/** A source of a recording. */
async function* pieces(...texts: readonly string[]) {
  yield* texts
}

async function* stuck() {
  yield header + recordedLine(0, 0, 'USER_UPDATE', {})
  await new Promise(() => undefined)
}

async function* endless() {
  yield header
  for (;;) yield 'x'.repeat(1024 * 1024)
}

test('a replay gives another client in another world equal data in equal order', async () => {
  const path = await temporaryFile()
  const { emulator } = await startEmulator({ world: { guilds: 5, seed: 3 } })
  const recording = await emulator.record(path)
  // Without the content intent, and as another user: what was blanked and trimmed is not so again.
  const client = await ready(emulator, { intents: 33_282 })
  await emulator.blast(emulator.prepare({ count: 500, profile: 'A' }))
  emulator.say('content that its author may read')
  await client.settle()
  const { events } = await recording.stop()

  const { emulator: other } = await startEmulator({ world: { guilds: 0, seed: 99 }, shards: 4 })
  const listener = await ready(other)
  const result = await other.replay(path, { speed: Infinity })
  await listener.settle()
  expect(result).toEqual({
    events,
    deliveries: events,
    unheard: 0,
    skipped: 0,
    elapsedMs: 0,
    isComplete: true,
  })
  expect(dispatches(listener)).toEqual(dispatches(client))
  expect(dispatches(listener)).toHaveLength(events)
})

test('the bytes of data are not touched, not even numbers that no double holds', async () => {
  const path = await temporaryFile()
  const data = '{"nonce":12345678901234567890,"zero":1.0,"name":"\\u00e9","html":"<\\/a>"}'
  await writeFile(
    path,
    `${header}{"atMs":0,"shard":0,"payload":{"t":"USER_UPDATE","s":4,"op":0,"d":${data}}}\n`,
  )
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  await emulator.replay(path)
  await client.next('USER_UPDATE')
  expect(client.messages.at(-1)?.bytes.toString()).toBe(`{"t":"USER_UPDATE","s":2,"op":0,"d":${data}}`)
})

test('it is routed by guild whatever the shards were, without a guild to the shard that got it, and by intents', async () => {
  const { emulator } = await startEmulator({ maxConcurrency: 2 })
  const zero = await ready(emulator, { shard: [0, 2], intents: 0 })
  const one = await ready(emulator, { shard: [1, 2], intents: 1 << 9 })
  const path = await temporaryFile()
  await writeFile(
    path,
    header +
      recordedLine(0, 7, 'MESSAGE_DELETE', { id: '1', guild_id: oddGuild }) +
      recordedLine(0, 7, 'MESSAGE_DELETE', { id: '2', guild_id: evenGuild }) +
      recordedLine(0, 7, 'USER_UPDATE', { id: '3' }) +
      recordedLine(0, 2, 'USER_UPDATE', { id: '4' }),
  )
  const result = await emulator.replay(path)
  for (const client of [zero, one]) await client.settle()
  expect(dispatches(zero).map(({ d }) => d)).toEqual([{ id: '4' }])
  expect(dispatches(one)).toMatchObject([{ d: { id: '1' } }, { d: { id: '3' } }])
  expect(result).toMatchObject({ events: 4, deliveries: 3, unheard: 1, skipped: 0 })
})

/** Time passes whenever somebody waits. */
class HurriedClock extends VirtualClock {
  isHurried = false

  override setTimeout(callback: () => void, delayMs: number): unknown {
    if (this.isHurried) setImmediate(() => this.advance(delayMs))
    return super.setTimeout(callback, delayMs)
  }
}

test.each([
  [undefined, 1],
  [1, 1],
  [4, 4],
  [0.5, 0.5],
  [Infinity, Infinity],
])('at speed %s events come when they came, divided by %s', async (speed, factor) => {
  const times = [0, 250.5, 1000, 1000, 90_000]
  const [path, again] = await Promise.all([temporaryFile(), temporaryFile()])
  await writeFile(path, header + times.map((atMs) => recordedLine(atMs, 0, 'USER_UPDATE', { atMs })).join(''))
  const clock = new HurriedClock()
  const { emulator } = await startEmulator({ clock, heartbeatIntervalMs: 10_000_000 })
  await ready(emulator, { intents: 0 })
  const recording = await emulator.record(again)
  clock.isHurried = true
  const result = await emulator.replay(path, speed === undefined ? {} : { speed })
  await recording.stop()
  const { lines } = await readRecording(again)
  expect(lines.map(({ payload }) => payload.d)).toEqual(times.map((atMs) => ({ atMs })))
  expect(lines.map(({ atMs }) => atMs)).toEqual(times.map((atMs) => atMs / factor))
  expect(result).toMatchObject({ events: 5, elapsedMs: 90_000 / factor, isComplete: true })
})

test('a filter sees each event and leaves out what it refuses; READY, RESUMED and other opcodes are passed over', async () => {
  const path = await temporaryFile()
  await writeFile(
    path,
    header +
      recordedLine(0, 0, 'READY', { session_id: 'secret' }) +
      '{"atMs":0,"shard":0,"payload":{"op":11,"d":null,"s":null,"t":null}}\n' +
      recordedLine(1, 0, 'USER_UPDATE', { id: '1' }) +
      recordedLine(2, 3, 'ENTITLEMENT_CREATE', { id: '2' }) +
      '\n' +
      recordedLine(3, 0, 'RESUMED', {}),
  )
  const { emulator } = await startEmulator({ clock: new HurriedClock() })
  const client = await ready(emulator, { intents: 0 })
  const seen: RecordedDispatch[] = []
  const filter = (event: RecordedDispatch): boolean => {
    seen.push(event)
    return event.type !== 'USER_UPDATE'
  }
  const result = await emulator.replay(path, { speed: Infinity, filter })
  await client.settle()
  expect(client.names()).toEqual([10, 'READY', 'ENTITLEMENT_CREATE', 11])
  expect(result).toMatchObject({ events: 1, deliveries: 1, skipped: 4 })
  expect(seen).toMatchObject([
    { atMs: 1, shard: 0, type: 'USER_UPDATE', data: { id: '1' } },
    { atMs: 2, shard: 3, type: 'ENTITLEMENT_CREATE', data: { id: '2' } },
  ])
})

test('it goes to the bots that are in the guild, or to the one that is named', async () => {
  const { emulator } = await startEmulator({ bots: [{ world: { seed: 1 } }, { world: { seed: 2 } }] })
  await ready(emulator)
  const second = await ready(emulator, { token: emulator.bots[1]?.token })
  const guild_id = emulator.bots[1]?.guildIds[0]
  const path = await temporaryFile()
  await writeFile(
    path,
    header +
      recordedLine(0, 0, 'MESSAGE_DELETE', { id: '1', guild_id }) +
      recordedLine(0, 0, 'USER_UPDATE', {}),
  )
  expect(await emulator.replay(path)).toMatchObject({ deliveries: 3 })
  expect(await emulator.replay(path, { bot: 1 })).toMatchObject({ deliveries: 2 })
  await second.settle()
  expect(dispatches(second).filter(({ t }) => t === 'MESSAGE_DELETE')).toHaveLength(2)
  await expect(emulator.replay(path, { bot: 2 })).rejects.toThrow(
    'option bot is 2, expected the index of a bot',
  )
})

test('a recording comes out of any stream, and goes into any', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const zipper = createGzip()
  const zipped: Buffer[] = []
  zipper.on('data', (chunk: Buffer) => zipped.push(chunk))
  const recording = await emulator.record(zipper)
  emulator.dispatch('USER_UPDATE', { text: 'x'.repeat(300_000) })
  emulator.dispatch('USER_UPDATE', { text: 'y' })
  await recording.stop()
  // What was given stays open, and is its owner's to end.
  expect(zipper.writableEnded).toBe(false)
  zipper.end()
  await once(zipper, 'end')
  const unzipper = createGunzip()
  unzipper.end(Buffer.concat(zipped))
  expect(await emulator.replay(unzipper)).toMatchObject({ events: 2, isComplete: true })
  const texts = [
    header.slice(0, 9),
    header.slice(9) + recordedLine(0, 0, 'USER_UPDATE', { text: 'z' }).trimEnd(),
  ]
  expect(await emulator.replay(pieces(...texts))).toMatchObject({ events: 1, isComplete: true })
  await client.settle()
  expect(dispatches(client).map(({ d }) => Reflect.get(Object(d), 'text').at(-1))).toEqual([
    'x',
    'y',
    'x',
    'y',
    'z',
  ])
})

test('however a recording is cut into pieces, it is read the same', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const texts = ['', 'ä€🙂', 'x'.repeat(70)]
  const bytes = Buffer.from(
    header + texts.map((text) => recordedLine(0, 0, 'USER_UPDATE', { text })).join(''),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const edges = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
      const chunks = edges.slice(1).map((end, index) => new Uint8Array(bytes.subarray(edges[index], end)))
      async function* source() {
        yield* chunks
      }
      const before = dispatches(client).length
      expect(await emulator.replay(source(), { speed: Infinity })).toMatchObject({ events: 3 })
      await client.settle()
      expect(
        dispatches(client)
          .slice(before)
          .map(({ d }) => d),
      ).toEqual(texts.map((text) => ({ text })))
    }),
    // Each run costs a heartbeat, of which a client may send 120.
    { numRuns: 60 },
  )
})

test('a last line that a crash cut off is left out', async () => {
  const { emulator } = await startEmulator()
  const whole = header + recordedLine(0, 0, 'USER_UPDATE', { id: '1' })
  const last = recordedLine(0, 0, 'USER_UPDATE', { id: '2' })
  for (let length = 0; length < last.length - 1; length += 7) {
    expect(await emulator.replay(pieces(whole + last.slice(0, length)))).toMatchObject({
      events: 1,
      skipped: 0,
      isComplete: true,
    })
  }
})

test.each([
  ['nothing', '', 'line 1 is ""'],
  ['text', 'hello\n', 'line 1 is "hello", expected {"format":"discord-gateway-recording","version":1}'],
  ['no header', recordedLine(0, 0, 'A', {}), 'line 1 is "{\\"atMs\\":0'],
  ['a later version', header.replace('1', '2'), 'the recording is of version 2'],
  ['a line that is no JSON', `${header}\n{oops\n`, 'line 3 of the recording is "{oops", expected {"atMs":'],
  ['an array', `${header}[]\n`, 'line 2 of the recording is "[]"'],
  ['no time', `${header}{"shard":0,"payload":{"op":0,"t":"A"}}\n`, 'line 2'],
  ['no shard', `${header}{"atMs":0,"payload":{"op":0,"t":"A"}}\n`, 'line 2'],
  ['half a shard', recordedLine(0, 0.5, 'A', {}), 'line 2'],
  ['no payload', `${header}{"atMs":0,"shard":0,"payload":[]}\n`, 'line 2'],
  ['no name', `${header}{"atMs":0,"shard":0,"payload":{"op":0,"d":{}}}\n`, 'line 2'],
  ['a name that breaks out of the payload', recordedLine(0, 0, 'A","op":7,"x":"', {}), 'line 2'],
  [
    'a guild that is none',
    recordedLine(0, 0, 'A', { guild_id: 'nowhere' }),
    'names guild "nowhere", which is no snowflake',
  ],
])('a recording with %s is refused with the line', async (_name, text, message) => {
  const { emulator } = await startEmulator()
  const content = text.startsWith('{"atMs":0,"shard"') && !message.startsWith('line 1') ? header + text : text
  const replayed = emulator.replay(pieces(content))
  await expect(replayed).rejects.toThrow(SyntaxError)
  await expect(replayed).rejects.toThrow(message)
})

test('a line without end, a wrong speed and files that are not there are refused', async () => {
  const { emulator } = await startEmulator()
  await expect(emulator.replay(endless())).rejects.toThrow('longer than 67108864 bytes')
  for (const speed of [0, -1, Number.NaN]) {
    await expect(emulator.replay(endless(), { speed })).rejects.toThrow(`option speed is ${speed}`)
  }
  const nowhere = join(await temporaryFile(), 'nowhere')
  await expect(emulator.replay(nowhere)).rejects.toThrow('ENOENT')
  await expect(emulator.record(nowhere)).rejects.toThrow('ENOENT')
})

test('a signal ends a replay while it waits for a time, or for its source', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const source = new PassThrough()
  source.write(header + recordedLine(0, 0, 'USER_UPDATE', {}))
  const path = await temporaryFile()
  await writeFile(
    path,
    header + recordedLine(0, 0, 'USER_UPDATE', {}) + recordedLine(60_000, 0, 'USER_UPDATE', {}),
  )
  for (const recording of [stuck(), source, path]) {
    const ending = new AbortController()
    const replayed = emulator.replay(recording, { signal: ending.signal })
    await client.next('USER_UPDATE')
    ending.abort()
    expect(await replayed).toMatchObject({ events: 1, deliveries: 1, isComplete: false })
  }
  expect(source.destroyed).toBe(true)
  expect(await emulator.replay(path, { signal: AbortSignal.abort() })).toMatchObject({
    events: 0,
    isComplete: false,
  })
})

test('stop ends replays and finishes recordings', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const [path, again] = await Promise.all([temporaryFile(), temporaryFile()])
  await writeFile(
    path,
    header + recordedLine(0, 0, 'USER_UPDATE', { id: '1' }) + recordedLine(60_000, 0, 'USER_UPDATE', {}),
  )
  const recording = await emulator.record(again)
  const replayed = emulator.replay(path)
  await client.next('USER_UPDATE')
  await emulator.stop()
  expect(await replayed).toMatchObject({ events: 1, isComplete: false })
  await recording.ended
  const { lines } = await readRecording(again)
  expect(lines.map(({ payload }) => payload.d)).toEqual([{ id: '1' }])
  expect(await recording.stop()).toMatchObject({ events: 1 })
})

test('a replay waits for a client that does not read, and holds no more of the file than it needs', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const text = 'x'.repeat(100_000)
  let taken = 0
  async function* source() {
    yield header
    for (; taken < 400; taken++) yield recordedLine(0, 0, 'USER_UPDATE', { taken, text })
  }
  emulator.all.freeze()
  const replayed = emulator.replay(source(), { speed: Infinity })
  await emulator.until(() => emulator.report().sent.bytes > 1_000_000)
  // Turns enough for a replay that nothing holds back: it takes one for each portion.
  const other = await greeted(emulator)
  for (let turn = 0; turn < 200; turn++) {
    other.socket.ping()
    await once(other.socket, 'pong')
  }
  expect(taken).toBeLessThan(60)
  emulator.all.thaw()
  expect(await replayed).toMatchObject({ events: 400, isComplete: true })
  await client.settle()
  expect(dispatches(client).map(({ d }) => Reflect.get(Object(d), 'taken'))).toEqual(
    Array.from({ length: 400 }, (_, index) => index),
  )
  expect(emulator.report().violations).toEqual([])
})

test('a replay waits for a recording that is not written, until either is ended', async () => {
  const { emulator } = await startEmulator()
  await ready(emulator, { intents: 0 })
  const text = 'x'.repeat(100_000)
  async function* source() {
    yield header
    for (let count = 0; count < 400; count++) yield recordedLine(0, 0, 'USER_UPDATE', { text })
  }
  const jammed = new Writable({ write: () => undefined })
  const recording = await emulator.record(jammed)
  const ending = new AbortController()
  const first = emulator.replay(source(), { signal: ending.signal })
  await emulator.until(() => recording.events >= 11)
  ending.abort()
  const { events, isComplete } = await first
  expect(isComplete).toBe(false)
  expect(events).toBeLessThan(20)
  const second = emulator.replay(source())
  await emulator.until(() => recording.events >= events + 1)
  const failed = once(jammed, 'error')
  jammed.destroy(new Error('no more'))
  await failed
  expect(await second).toMatchObject({ events: 400, isComplete: true })
})
