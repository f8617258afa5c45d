import { constants, inflateSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { rules, startEmulator } from './fixture.ts'
import { greeted, ready } from './script-client.ts'

const zlibSuffix = Buffer.from([0x00, 0x00, 0xff, 0xff])
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

test('E36: zlib-stream is one context, header 78 9c once, each message ends with a sync flush', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, {}, 'v=10&encoding=json&compress=zlib-stream')
  for (let index = 0; index < 20; index++) emulator.dispatch('USER_UPDATE', { index })
  await client.settle()
  expect(client.messages.every(({ isBinary }) => isBinary)).toBe(true)
  expect(client.messages.every(({ bytes }) => bytes.subarray(-4).equals(zlibSuffix))).toBe(true)
  expect(client.messages.map(({ bytes }) => bytes.readUInt16BE(0) === 0x789c).filter(Boolean)).toHaveLength(1)
  expect(client.messages[0]?.bytes.readUInt16BE(0)).toBe(0x789c)
  const stream = Buffer.concat(client.messages.map(({ bytes }) => bytes))
  const text = inflateSync(stream, { finishFlush: constants.Z_SYNC_FLUSH }).toString()
  expect(text).toContain('"t":"READY"')
  const updates = client.received.filter(({ t }) => t === 'USER_UPDATE')
  expect(updates.map(({ d }) => d.index)).toEqual(Array.from({ length: 20 }, (_, index) => index))
})

/** The blocks of a frame whose header has six bytes (RFC 8878, section 3.1.1.2). Throws if one is cut off. */
function blocksOf(frame: Buffer): { readonly isLast: boolean; readonly sizeBytes: number }[] {
  const blocks = []
  for (let at = 6; at < frame.length;) {
    const header = frame.readUIntLE(at, 3)
    const isRepeat = ((header >> 1) & 3) === 1
    const sizeBytes = isRepeat ? 1 : header >> 3
    blocks.push({ isLast: (header & 1) === 1, sizeBytes })
    at += 3 + sizeBytes
    if (at > frame.length) throw new Error(`a block ends at ${at} of ${frame.length} bytes`)
  }
  return blocks
}

test('E37: zstd-stream is one frame with a window of 256 KiB, no size and no checksum, never ended', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, {}, 'v=10&encoding=json&compress=zstd-stream')
  for (let index = 0; index < 20; index++) emulator.dispatch('USER_UPDATE', { index })
  await client.settle()
  const [first, ...rest] = client.messages.map(({ bytes }) => bytes)
  expect(first?.subarray(0, 4).equals(zstdMagic)).toBe(true)
  expect([first?.[4], first?.[5]]).toEqual([0x00, 0x40])
  expect(rest.some((bytes) => bytes.subarray(0, 4).equals(zstdMagic))).toBe(false)
  expect(client.received.filter(({ t }) => t === 'USER_UPDATE')).toHaveLength(20)
  const frame = Buffer.concat(client.messages.map(({ bytes }) => bytes))
  expect(blocksOf(frame)).toEqual(client.messages.map(() => expect.objectContaining({ isLast: false })))
})

test.each(['zlib-stream', 'zstd-stream'])(
  '%s carries payloads of megabytes whole and in order',
  async (compress) => {
    const { emulator } = await startEmulator()
    const client = await ready(emulator, { intents: 0 }, `v=10&encoding=json&compress=${compress}`)
    const noise = Array.from({ length: 200_000 }, (_, index) =>
      Math.imul(index, 2_654_435_761).toString(36),
    ).join('')
    emulator.dispatch('USER_UPDATE', { noise })
    emulator.dispatch('USER_UPDATE', { small: true })
    expect((await client.next('USER_UPDATE')).d.noise).toBe(noise)
    expect((await client.next('USER_UPDATE')).d.small).toBe(true)
  },
)

test('E38: compress:true sends large payloads as whole zlib streams, small ones as text', async () => {
  const { emulator } = await startEmulator({ payloadCompressionBytes: 500 })
  const compressed = await greeted(emulator)
  compressed.send(2, { token: emulator.token, intents: 0, properties: {}, compress: true })
  await expect.poll(() => compressed.messages.length).toBe(2)
  expect(compressed.messages[1]?.isBinary).toBe(true)
  const text = inflateSync(compressed.messages[1]?.bytes ?? Buffer.alloc(0)).toString()
  expect(JSON.parse(text)).toMatchObject({ t: 'READY', s: 1 })
  emulator.dispatch('USER_UPDATE', {})
  expect((await compressed.next('USER_UPDATE')).s).toBe(2)
})

test('E38: the threshold counts the payload, and what is exactly as long is compressed', async () => {
  const { emulator } = await startEmulator({ payloadCompressionBytes: 500 })
  const client = await ready(emulator, { intents: 0, compress: true })
  const empty = '{"t":"USER_UPDATE","s":2,"op":0,"d":{"text":""}}'.length
  for (const length of [499, 500]) emulator.dispatch('USER_UPDATE', { text: 'x'.repeat(length - empty) })
  await client.settle()
  const [short, long] = client.messages.slice(2)
  expect([short?.isBinary, short?.bytes.length]).toEqual([false, 499])
  expect(long?.isBinary).toBe(true)
  expect(inflateSync(long?.bytes ?? Buffer.alloc(0))).toHaveLength(500)
})

test('E38: each compressed payload is a stream of its own, and Hello is text', async () => {
  const { emulator } = await startEmulator({ payloadCompressionBytes: 1 })
  const client = await ready(emulator, { intents: 0, compress: true })
  for (let index = 0; index < 3; index++) emulator.dispatch('USER_UPDATE', { index })
  await client.settle()
  expect(client.messages.map(({ isBinary }) => isBinary)).toEqual([false, true, true, true, true, true])
  const texts = client.messages.slice(1).map(({ bytes }) => inflateSync(bytes).toString())
  expect(texts.map((text) => JSON.parse(text).s)).toEqual([1, 2, 3, 4, null])
})

test('E38: compress is ignored under transport compression, whatever it is', async () => {
  const { emulator, clock } = await startEmulator({ payloadCompressionBytes: 1 })
  const query = 'v=10&encoding=json&compress=zlib-stream'
  const client = await ready(emulator, { compress: true }, query)
  await client.settle()
  expect(client.messages.every(({ bytes }) => bytes.subarray(-4).equals(zlibSuffix))).toBe(true)
  expect(client.names()).toContain(11)
  clock.advance(5000)
  // oceanic.js 1.15 repeats the name of the transport compression here.
  await ready(emulator, { compress: 'zlib-stream' }, query)
  expect(rules(emulator)).toEqual([])
})
