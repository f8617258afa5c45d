import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { expect, test } from 'vitest'

import { startEmulator } from './fixture.ts'
import { dispatches, readRecording, temporaryFile } from './recording-file.ts'
import { greeted, ready } from './script-client.ts'

/** The id of a guild that belongs to shard 1 of two. */
const oddGuild = String(3 << 22)

test('a recording has a header, and every dispatch as it was sent, with its time and shard', async () => {
  const { emulator, clock } = await startEmulator({ shards: 2, maxConcurrency: 2, seed: 5 })
  const path = await temporaryFile()
  clock.advance(777)
  const recording = await emulator.record(path)
  const zero = await ready(emulator, { shard: [0, 2] })
  const one = await ready(emulator, { shard: [1, 2] })
  clock.advance(1500.25)
  emulator.dispatch('MESSAGE_DELETE', { id: '1', guild_id: oddGuild })
  emulator.dispatch('USER_UPDATE', { id: '2', text: 'ä\n"' })
  for (const client of [zero, one]) await client.settle()
  const { events, bytes } = await recording.stop()
  const sent = [zero, one].map((client) => client.received.filter(({ op, t }) => op === 0 && t !== 'READY'))
  emulator.dispatch('USER_UPDATE', { id: '3' })

  const { header: first, lines } = await readRecording(path)
  expect(first).toEqual({ format: 'discord-gateway-recording', version: 1, seed: 5, shards: 2 })
  expect(lines).toHaveLength(events)
  expect(recording.events).toBe(events)
  expect(Buffer.byteLength(await readFile(path))).toBe(bytes)
  expect(lines.filter(({ shard }) => shard === 0).map(({ payload }) => payload)).toEqual(sent[0])
  expect(lines.filter(({ shard }) => shard === 1).map(({ payload }) => payload)).toEqual(sent[1])
  expect(lines.slice(-2).map(({ atMs, shard, payload }) => [atMs, shard, payload.t])).toEqual([
    [1500.25, 1, 'MESSAGE_DELETE'],
    [1500.25, 0, 'USER_UPDATE'],
  ])
  expect(lines.map(({ payload }) => payload.t)).not.toContain('READY')
})

test('what a session of ETF gets is recorded as JSON, and replayed to it', async () => {
  const { emulator } = await startEmulator()
  const path = await temporaryFile()
  const client = await ready(emulator, { intents: 0 }, 'v=10&encoding=etf')
  const recording = await emulator.record(path)
  const sent = { id: '123456789012345678', text: 'ä\n"', list: [1, null, true, 1.5], none: [] }
  emulator.dispatch('USER_UPDATE', sent)
  await recording.stop()
  const { lines } = await readRecording(path)
  expect(lines.map(({ payload }) => payload)).toMatchObject([{ t: 'USER_UPDATE', s: 2, op: 0, d: sent }])
  await emulator.replay(path, { speed: Infinity })
  await client.settle()
  const got = client.received.filter(({ t }) => t === 'USER_UPDATE').map(({ d }) => d)
  expect(got).toHaveLength(2)
  expect(got[1]).toEqual(got[0])
})

test('what a resume sends again, and RESUMED, are not recorded twice or at all', async () => {
  const { emulator } = await startEmulator()
  const path = await temporaryFile()
  const client = await ready(emulator, { intents: 0 })
  const recording = await emulator.record(path)
  emulator.all.drop()
  await client.closed
  emulator.dispatch('USER_UPDATE', { index: 1 })
  const next = await greeted(emulator)
  next.send(6, { token: emulator.token, session_id: client.sessionId, seq: 1 })
  await next.next('RESUMED')
  emulator.dispatch('USER_UPDATE', { index: 2 })
  await recording.stop()
  const { lines } = await readRecording(path)
  expect(lines.map(({ payload }) => payload.d)).toEqual([{ index: 1 }, { index: 2 }])
})

test('of two clients of one shard one is recorded, and the other when the first has gone', async () => {
  const { emulator, clock } = await startEmulator()
  const first = await ready(emulator, { intents: 0 })
  clock.advance(5000)
  await ready(emulator, { intents: 0 })
  const path = await temporaryFile()
  const recording = await emulator.record(path)
  emulator.dispatch('USER_UPDATE', { index: 1 })
  first.socket.terminate()
  await emulator.until(() => emulator.all.connectionCount === 1)
  expect(emulator.dispatch('USER_UPDATE', { index: 2 })).toBe(2)
  await recording.stop()
  const { lines } = await readRecording(path)
  expect(lines.map(({ payload }) => payload.d)).toEqual([{ index: 1 }, { index: 2 }])
})

test('each bot is recorded for itself', async () => {
  const { emulator } = await startEmulator({ bots: [{ world: { seed: 1 } }, { world: { seed: 2 } }] })
  const [one, two] = await Promise.all([temporaryFile(), temporaryFile()])
  const recordings = [await emulator.record(one), await emulator.record(two, { bot: 1 })]
  const token = emulator.bots[1]?.token
  const [first, second] = [await ready(emulator), await ready(emulator, { token })]
  emulator.say('to the first')
  emulator.say('to the second', { bot: 1 })
  await Promise.all([first.next('MESSAGE_CREATE'), second.next('MESSAGE_CREATE')])
  await Promise.all(recordings.map(async (recording) => recording.stop()))
  for (const [path, client] of [
    [one, first],
    [two, second],
  ] as const) {
    const { lines } = await readRecording(path)
    expect(lines.map(({ payload: { t, d } }) => ({ t, d }))).toEqual(dispatches(client))
  }
  await expect(emulator.record(await temporaryFile(), { bot: 2 })).rejects.toThrow('there is no bot 2')
})

test('a recording whose stream takes nothing ends at the cap, and says so to whoever stops it', async () => {
  const { emulator } = await startEmulator({ maxBufferedBytes: 100_000 })
  await ready(emulator, { intents: 0 })
  const stuck = new Writable({ write: () => undefined })
  const failed = once(stuck, 'error')
  const recording = await emulator.record(stuck)
  for (let count = 0; count < 5; count++) emulator.dispatch('USER_UPDATE', { text: 'x'.repeat(30_000) })
  await recording.ended
  expect(String(await failed)).toContain('bytes of the recording are waiting to be written')
  const { events } = recording
  emulator.dispatch('USER_UPDATE', {})
  expect(recording.events).toBe(events)
  await expect(recording.stop()).rejects.toThrow('waiting to be written')
  await expect(recording.stop()).rejects.toThrow('waiting to be written')
})

test('a stream that fails or is closed ends its recording, and nothing else', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
  failing.on('error', () => undefined)
  const closing = new PassThrough()
  const recordings = [await emulator.record(failing), await emulator.record(closing)]
  closing.destroy()
  await Promise.all(recordings.map(async ({ ended }) => ended))
  emulator.dispatch('USER_UPDATE', {})
  await client.settle()
  await expect(recordings[0]?.stop()).rejects.toThrow('disk full')
  await expect(recordings[1]?.stop()).rejects.toThrow('closed before its end')
  await emulator.stop()
})

test('a blast waits for the recording, so that none of it is lost', async () => {
  const { emulator } = await startEmulator({ maxBufferedBytes: 2_000_000 })
  await ready(emulator)
  const lines: string[] = []
  const slow = new PassThrough({ highWaterMark: 50_000 })
  const counted = pipeline(slow, async (source) => {
    for await (const chunk of source) {
      lines.push(String(chunk))
      await new Promise(setImmediate)
    }
  })
  const recording = await emulator.record(slow)
  const { events } = await emulator.blast(emulator.prepare({ count: 20_000 }))
  expect((await recording.stop()).events).toBe(events)
  slow.end()
  await counted
  expect(lines.join('').trimEnd().split('\n')).toHaveLength(events + 1)
})
