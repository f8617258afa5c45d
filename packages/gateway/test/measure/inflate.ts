/**
 * What inflating costs: Node's zlib as the library uses it, zlib-sync, and zstd, on the same realistic payloads; and what
 * of its memory zlib-sync gives back. Run by hand, from the root:
 * `node --expose-gc --conditions=twilight-source packages/gateway/test/measure/inflate.ts`
 */
import { createInflater } from '../../src/wire/inflate/create-inflater.ts'
import type { Inflater } from '../../src/wire/inflate/inflater.ts'
import { ZlibStreamInflater } from '../../src/wire/inflate/zlib-stream.ts'
import { ZlibSyncDecoder, type ZlibSync } from '../../src/wire/inflate/zlib-sync-decoder.ts'
import { nativeAddon } from '../support/native-addon.ts'
import { compress } from '../wire/compressed-stream.ts'
import { measureWays, printCosts, type Way } from './rounds.ts'
import { trafficPayloads } from './traffic.ts'

const maxInflatedBytes = 128 * 1024 * 1024
const connections = 1_000
const { exports, problem } = await nativeAddon('zlib-sync', '0.1.10')
if (problem !== undefined) throw new Error(problem)
const zlibSync = exports as ZlibSync

const make = {
  node: () => createInflater('zlib-stream', { maxInflatedBytes }),
  zlibSync: () =>
    new ZlibStreamInflater({ maxInflatedBytes }, new ZlibSyncDecoder(zlibSync, maxInflatedBytes)),
  zstd: () => createInflater('zstd-stream', { maxInflatedBytes }),
}

for (const [profile, count, what] of [
  ['A', 20_000, 'messages, typing, reactions, voice'],
  ['B', 20_000, 'mostly presences'],
  ['C', 200, 'whole guilds'],
] as const) {
  const payloads = trafficPayloads(profile, count).map(({ bytes }) => bytes)
  const [zlib, zstd] = await Promise.all([compress('zlib', payloads), compress('zstd', payloads)])
  const bytes = payloads.reduce((sum, { length }) => sum + length, 0)
  const ways = new Map<string, Way>([
    ['zlib-stream, zlib: node', () => inflate(make.node(), zlib, bytes)],
    ['zlib-stream, zlib: zlib-sync', () => inflate(make.zlibSync(), zlib, bytes)],
    ['zstd-stream', () => inflate(make.zstd(), zstd, bytes)],
  ])
  const size = Math.round(bytes / count)
  printCosts(`${what}: ${count} payloads of ${size} bytes`, measureWays(ways, count))
}

const [guild] = await compress(
  'zlib',
  trafficPayloads('C', 1).map(({ bytes }) => bytes),
)
for (const [name, create] of [
  ['node', make.node],
  ['zlib-sync', make.zlibSync],
] as const) {
  // The first connections pay for what all share.
  await connectAndLeave(create, guild)
  const before = await resident()
  await connectAndLeave(create, guild)
  const keptBytes = ((await resident()) - before) / connections
  process.stdout.write(
    `zlib: ${name} keeps ${(keptBytes / 1024).toFixed(1)} KiB of each connection that ended\n`,
  )
}

function inflate(inflater: Inflater, messages: readonly Buffer[], expected: number): void {
  for (const message of messages) inflater.inflate(message, true)
  inflater.close()
  if (inflater.bytesOut !== expected) throw new Error(`${inflater.bytesOut} of ${expected} bytes came out`)
}

async function connectAndLeave(create: () => Inflater, message: Buffer | undefined): Promise<void> {
  for (let index = 0; index < connections; index += 1) {
    const inflater = create()
    if (message !== undefined) inflater.inflate(message, true)
    inflater.close()
    // Native memory is given back in turns of the event loop.
    if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    if (index % 100 === 0) globalThis.gc?.()
  }
}

async function resident(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage.rss()
}
