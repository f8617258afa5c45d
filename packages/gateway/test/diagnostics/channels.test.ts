import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Emulator } from 'twilight-emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { subscribe, type ChannelMessages, type ChannelName } from '../../src/diagnostics/index.ts'
import { channels } from '../../src/diagnostics/channels.ts'
import { ShardTrace } from '../../src/diagnostics/shard-trace.ts'
import { GatewayError } from '../../src/errors.ts'
import { allIntents } from '../../src/protocol/intents.ts'
import { Opcode } from '../../src/protocol/opcodes.ts'
import { Shard } from '../../src/shard/shard.ts'
import { HeldQueue } from './held-queue.ts'

const patience = { timeout: 15_000, interval: 5 }
const names = Object.keys(channels) as ChannelName[]
let messages: { readonly channel: ChannelName; readonly message: Readonly<Record<string, unknown>> }[] = []
let stops: (() => void)[] = []

beforeEach(() => {
  messages = []
  stops = names.map((channel) =>
    subscribe(channel, (message) => messages.push({ channel, message: { ...message } })),
  )
})

afterEach(() => {
  for (const stop of stops) stop()
})

function on<Name extends ChannelName>(name: Name): ChannelMessages[Name][] {
  return messages
    .filter(({ channel }) => channel === name)
    .map(({ message }) => message as unknown as ChannelMessages[Name])
}

function sentOpcodes(): number[] {
  return on('twilight-gateway:payload').flatMap(({ direction, op }) => (direction === 'out' ? [op] : []))
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const event of events) void event
  } catch {
    // The fatal close of the scenario ends the stream.
  }
}

/** A life with everything in it: a queue that fails, holds, and grants too late; a resume; a fatal close. */
async function liveThrough(emulator: Emulator): Promise<Shard> {
  const queue = new HeldQueue()
  const shard = new Shard({
    token: emulator.token,
    gatewayUrl: emulator.url,
    intents: allIntents,
    shard: [3, 4],
    identifyQueue: queue,
    presence: { since: null, activities: [], status: 'idle', afk: false },
    random: () => 0,
  })
  const started = shard.start()
  void drain(shard)
  const waits = async (): Promise<void> => {
    await expect.poll(() => queue.waiting, patience).toBe(1)
  }
  await waits()
  queue.fail(new Error('the broker is away'))
  await waits()
  // Every connection beats at once; what is on its way when it breaks would be sent and never arrive.
  const allArrived = async (beats: number): Promise<void> => {
    await expect
      .poll(() => sentOpcodes().filter((op) => op === Opcode.Heartbeat).length, patience)
      .toBe(beats)
    await emulator.until(() => emulator.report().frameCount === sentOpcodes().length)
  }
  await allArrived(1)
  emulator.all.drop()
  await expect
    .poll(() => on('twilight-gateway:queue').map(({ kind }) => kind), patience)
    .toContain('cancelled')
  // The wait that was given up; the next one may be there already.
  queue.grant()
  await waits()
  queue.grant()
  await started
  await shard.command({
    op: Opcode.VoiceStateUpdate,
    d: { guild_id: '1', channel_id: null, self_mute: true, self_deaf: false },
  })
  await allArrived(2)
  emulator.all.corruptNext()
  emulator.all.requestHeartbeat()
  await expect.poll(() => shard.info().stats.resumed, patience).toBe(1)
  await allArrived(3)
  emulator.all.close(4004, `Authentication failed for ${emulator.token}`)
  await shard.closed
  return shard
}

describe('docs/tracing.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/tracing.md'), 'utf8')
  const sections = text.split(/^## /m).slice(1)

  test('lists exactly the channels', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual(names.map((name) => `\`${name}\``))
  })

  test('lists exactly the kinds of messages and their fields, with their types', async () => {
    await using emulator = await Emulator.start({ shards: 4, world: { guilds: 4 } })
    await liveThrough(emulator)
    const documented = sections.flatMap((section) => {
      const channel = section.split('`')[1] ?? ''
      const key = /^\| (kind|direction)/m.exec(section)?.[1] ?? ''
      const rows = section.matchAll(/^\| `(\w+)` +\| ([^|]*?) *\|/gm)
      return Array.from(rows, ([, kind = '', fields = '']) => {
        const own = Array.from(fields.matchAll(/`(\w+\??): (\w+)`/g), ([, field = '', type = '']) => [
          field,
          type,
        ])
        const common = { shardId: 'number', shardCount: 'number', [key]: 'string' }
        return [`${channel} ${kind}`, { ...common, ...Object.fromEntries(own) }] as const
      })
    })
    expect(published()).toEqual(Object.fromEntries(documented))
  })
})

/** The fields of each kind of message that came and their types; `?` marks those that were undefined at times. */
function published(): Record<string, Record<string, string>> {
  const kinds: Record<string, Record<string, string>> = {}
  const seen = new Map<string, Map<string, Set<string>>>()
  for (const { channel, message } of messages) {
    const kind = `${channel} ${String(message['kind'] ?? message['direction'])}`
    const fields = seen.get(kind) ?? new Map<string, Set<string>>()
    seen.set(kind, fields)
    for (const [field, value] of Object.entries(message)) {
      fields.set(field, (fields.get(field) ?? new Set()).add(typeOf(value)))
    }
  }
  for (const [kind, fields] of seen) {
    kinds[kind] = Object.fromEntries(
      Array.from(fields, ([field, types]) => {
        const isOptional = types.delete('undefined')
        return [isOptional ? `${field}?` : field, [...types].join(' or ')]
      }),
    )
  }
  return kinds
}

function typeOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return 'Buffer'
  if (GatewayError.isGatewayError(value)) return 'GatewayError'
  return value instanceof Error ? 'Error' : typeof value
}

test('payloads are those on the wire, in order, and the token is in none', async () => {
  await using emulator = await Emulator.start({ shards: 4, world: { guilds: 4 } })
  const shard = await liveThrough(emulator)
  const payloads = on('twilight-gateway:payload')

  const sent = payloads.filter(({ direction }) => direction === 'out')
  const arrived = emulator.report().frames.map(({ op, bytes }) => ({ op, sizeBytes: bytes }))
  expect(sent.map(({ op, sizeBytes }) => ({ op, sizeBytes }))).toEqual(arrived)
  expect(new Set(sent.map(({ op }) => op))).toEqual(new Set([1, 2, 4, 6]))
  const identify = sent.find(({ op }) => op === Opcode.Identify)
  expect(JSON.parse(String(identify?.payload))).toMatchObject({
    op: 2,
    d: { token: '<redacted>', shard: [3, 4] },
  })
  expect(String(sent.find(({ op }) => op === Opcode.Resume)?.payload)).toContain('"token":"<redacted>"')
  expect(JSON.stringify(messages)).not.toContain(emulator.token)
  // What the peer repeats is struck out too.
  expect(on('twilight-gateway:connection').at(-1)).toMatchObject({
    kind: 'disconnected',
    code: 4004,
    reason: 'Authentication failed for <redacted>',
  })

  const received = payloads.filter(({ direction }) => direction === 'in')
  const { stats } = shard.info()
  expect(received.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(stats.payloadBytes)
  expect(received.filter(({ op }) => op === Opcode.Dispatch)).toHaveLength(stats.dispatches)
  for (const { op, type, sequence, sizeBytes, payload } of received) {
    const { t, s, ...rest } = JSON.parse(String(payload)) as {
      t: string | null
      s: number | null
      op: number
    }
    expect([rest.op, t ?? '', s ?? -1, payload.length]).toEqual([op, type, sequence, sizeBytes])
  }
  const firstReady = received.findIndex(({ type }) => type === 'READY')
  expect(received.slice(0, firstReady).map(({ op }) => op)).toContain(Opcode.Hello)
})

test('a permit is told apart from its fate', async () => {
  await using emulator = await Emulator.start({ shards: 4 })
  await liveThrough(emulator)
  const steps = on('twilight-gateway:queue').map(({ kind }) => kind)
  // The late permit comes back before or after the shard asks again.
  expect(steps.filter((kind) => kind !== 'released')).toEqual([
    'waiting',
    'failed',
    'waiting',
    'cancelled',
    'waiting',
    'granted',
    'spent',
  ])
  expect(steps.filter((kind) => kind === 'released')).toHaveLength(1)
  expect(on('twilight-gateway:session').map(({ kind }) => kind)).toEqual([
    'identifying',
    'connected',
    'resuming',
    'connected',
    'closed',
  ])
})

test('without a subscriber a message is not even made', () => {
  for (const stop of stops) stop()
  const trace = new ShardTrace({ shardId: 0, shardCount: 1, token: 'token' })
  const untouchable = new Proxy({}, { get: () => expect.unreachable('somebody looked') })
  trace.received(untouchable as never, untouchable as never)
  trace.sent(2, untouchable as never)
  trace.lifecycle('SHARD_IDENTIFYING', untouchable as never)
  expect(names.some((name) => channels[name].hasSubscribers)).toBe(false)
  stops = [subscribe('twilight-gateway:payload', () => undefined)]
  expect(() => trace.sent(2, untouchable as never)).toThrow('somebody looked')
})

test('of a binary payload the token is struck out without changing a length', () => {
  const trace = new ShardTrace({ shardId: 0, shardCount: 1, token: 'secret' })
  const payload = Buffer.from('\u0083m\u0000\u0000\u0000\u0006secret, secret')
  trace.sent(2, payload)
  const [message] = on('twilight-gateway:payload')
  expect(String(message?.payload)).toBe('\u0083m\u0000\u0000\u0000\u0006******, ******')
  expect(String(payload)).toContain('secret')
})
