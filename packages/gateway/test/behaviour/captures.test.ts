import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { Shard, unlimitedIdentifyQueue, type Compression } from '../../src/index.ts'
import { splitDocuments } from '../../src/wire/documents.ts'
import { HeaderScanner } from '../../src/wire/header.ts'
import { createInflater } from '../../src/wire/inflate/create-inflater.ts'
import { liveShard, Reader, startEmulator } from './fixture.ts'
import { ScriptedGateway } from './scripted-gateway.ts'

/**
 * What the real Discord sent, as public test fixtures of other projects keep it. The folder is not part of this
 * repository: give one in DISCORD_CAPTURES, or lay it beside the checkout as `shared/captures`.
 */
const root = join(import.meta.dirname, '../../../..')
const folder = process.env['DISCORD_CAPTURES'] ?? join(root, '../shared/captures')
const files = existsSync(folder) ? globSync('**/*.{json,bin}', { cwd: folder }).toSorted() : []
const read = (file: string): Buffer => readFileSync(join(folder, file))

interface Envelope {
  readonly op?: number
  readonly t?: string | null
  readonly s?: number | null
  readonly d?: unknown
}

const isEtf = (file: string): boolean => basename(file).startsWith('etf-')
const payloads = files
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const text = read(file).toString()
    return { file, text, parsed: JSON.parse(text) as Envelope }
  })
const dispatches = payloads.filter(({ parsed }) => parsed.op === 0)
/** Recorded without their envelope: the data of an INTERACTION_CREATE. */
const interactions = payloads.filter(({ parsed }) => parsed.op === undefined)
const ofOpcode = (op: number) => payloads.filter(({ parsed }) => parsed.op === op)

test('captures of the real Discord are there', (context) => {
  if (files.length === 0) context.skip('no captures: set DISCORD_CAPTURES to a folder that holds some')
  expect(dispatches.length).toBeGreaterThan(0)
})

/** The text with another sequence in its envelope, and otherwise byte for byte as it was. */
function renumbered(text: string, sequence: number): string {
  let depth = 0
  // Strings are taken whole: what looks like structure within them does not count.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    const key = depth === 1 && token === '"s"' ? /^"s"\s*:\s*/.exec(text.slice(index)) : null
    if (key === null) continue
    const start = index + key[0].length
    return text.slice(0, start) + text.slice(start).replace(/^\d+/, `${sequence}`)
  }
  throw new Error('no sequence')
}

describe.runIf(files.length > 0)('every captured dispatch reaches the consumer of a live shard', () => {
  test.for<Compression>(['none', 'payload', 'zlib-stream', 'zstd-stream'])('%s', async (compression) => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator, { compression, intents: 0 })
    const firstSequence = 1_000
    const sent = [
      ...dispatches.map(({ text, ...rest }, index) => ({
        ...rest,
        text: renumbered(text, firstSequence + index),
      })),
      ...interactions.map(({ file, text, parsed }, index) => {
        const s = firstSequence + dispatches.length + index
        return {
          file,
          text: `{"t":"INTERACTION_CREATE","s":${s},"op":0,"d":${text}}`,
          parsed: { t: 'INTERACTION_CREATE', d: parsed },
        }
      }),
    ]
    for (const { text } of sent) emulator.all.sendRaw(text)
    await reader.until(() => reader.events.at(-1)?.sequence === firstSequence + sent.length - 1)
    const received = reader.events.filter(({ sequence }) => sequence >= firstSequence)
    expect(received).toHaveLength(sent.length)
    for (const [index, { file, text, parsed }] of sent.entries()) {
      const event = received[index]
      expect([file, event?.type, event?.sequence]).toEqual([file, parsed.t, firstSequence + index])
      expect(event?.data, file).toEqual(parsed.d)
      expect(event?.raw?.toString(), file).toBe(text)
    }
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 1 } })
  })
})

describe.runIf(files.length > 0)('captured control payloads', () => {
  test.for(ofOpcode(10))('HELLO $file', async ({ text, parsed }) => {
    const gateway = await ScriptedGateway.start({ hello: text })
    await using shard = scriptedShard(gateway, 'none')
    const reader = new Reader(shard)
    await shard.start()
    await reader.has('SHARD_CONNECTED')
    const { heartbeat_interval: heartbeatIntervalMs } = parsed.d as { heartbeat_interval: number }
    expect(reader.of('SHARD_CONNECTED')[0]?.data).toMatchObject({ heartbeatIntervalMs })
  })

  test.for([
    ...ofOpcode(7).map((payload) => ({ ...payload, cause: 'requested' })),
    ...ofOpcode(9).map((payload) => ({ ...payload, cause: 'invalid-session' })),
  ])('$cause $file', async ({ text, parsed, cause }) => {
    const emulator = await startEmulator()
    const { reader } = await liveShard(emulator)
    emulator.all.sendRaw(text)
    await reader.has('SHARD_DISCONNECTED')
    const willResume = cause === 'requested' || parsed.d === true
    expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ cause, willResume })
  })

  test('all of them are read like JSON.parse reads them', () => {
    const scanner = new HeaderScanner()
    for (const { file, text, parsed } of payloads) {
      if (parsed.op === undefined) continue
      const { op, sequence, type, dataStart, dataEnd } = scanner.scan(Buffer.from(text))
      const data =
        dataStart < 0
          ? undefined
          : (JSON.parse(Buffer.from(text).toString('utf8', dataStart, dataEnd)) as unknown)
      expect([file, op, sequence, type]).toEqual([file, parsed.op, parsed.s ?? -1, parsed.t ?? ''])
      expect(data, file).toEqual(parsed.d)
    }
  })
})

function scriptedShard(gateway: ScriptedGateway, compression: Compression): Shard {
  return new Shard({
    token: 'a.b.c',
    intents: 0,
    gatewayUrl: gateway.url,
    compression,
    identifyQueue: unlimitedIdentifyQueue,
  })
}

/** Captured messages of one connection: a folder that is named after its compression, or a single file. */
const streams = Object.entries(
  Object.groupBy(
    files.filter((file) => file.endsWith('.bin') && !isEtf(file)),
    (file) => (/stream/.test(basename(dirname(file))) ? dirname(file) : file),
  ),
).map(([name, messages = []]) => ({
  name,
  messages,
  compression: name.includes('zstd') ? ('zstd-stream' as const) : ('zlib-stream' as const),
}))

describe.runIf(files.length > 0)('captured compressed streams', () => {
  test.for(streams)('$name', ({ messages, compression }) => {
    const inflater = createInflater(compression, { maxInflatedBytes: 1_000_000 })
    for (const [index, file] of messages.entries()) {
      const bytes = inflater.inflate(read(file), true)
      const isPart = /part[1-3]of4/.test(file)
      expect([file, bytes === undefined]).toEqual([file, isPart])
      if (bytes === undefined) continue
      for (const document of inflater.mayHoldSeveral ? splitDocuments(bytes) : [bytes]) {
        const expected = file.replace(/\.bin$/, '.json')
        if (files.includes(expected)) expect(document.toString()).toBe(read(expected).toString())
        expect(JSON.parse(document.toString()), `${file} ${index}`).toHaveProperty('op')
      }
    }
    inflater.close()
  })

  test('a whole recorded session, from HELLO to the first guild, is lived through', async (context) => {
    const session = 'discordbm/zlib-stream-json'
    const [hello, ...ready] = files.filter((file) => dirname(file) === session && file.endsWith('.bin'))
    if (hello === undefined) return context.skip(`no ${session}`)
    const gateway = await ScriptedGateway.start({ hello: read(hello), ready: ready.map(read) })
    await using shard = scriptedShard(gateway, 'zlib-stream')
    const reader = new Reader(shard)
    await shard.start()
    await reader.has('GUILD_CREATE')
    const [first, second] = ready.map(
      (file) => JSON.parse(read(file.replace('.bin', '.json')).toString()) as Envelope,
    )
    expect(reader.of('READY')[0]?.data).toEqual(first?.d)
    expect(reader.of('GUILD_CREATE')[0]?.data).toEqual(second?.d)
    const { session_id: sessionId, resume_gateway_url: resumeUrl } = (first?.d ?? {}) as Record<
      string,
      string
    >
    expect(shard.session).toMatchObject({ sessionId, sequence: second?.s })
    expect([shard.session?.resumeUrl, resumeUrl?.startsWith('wss://')]).toEqual([resumeUrl, true])
    return undefined
  })
})

const etf = files.filter(isEtf)

describe.runIf(etf.length > 0)('captures in ETF, which this client does not speak', () => {
  test.for(etf)('%s is refused, not misread', (file) => {
    expect(() => new HeaderScanner().scan(read(file))).toThrow(
      expect.objectContaining({ code: 'DECODE_PAYLOAD' }),
    )
  })
})
