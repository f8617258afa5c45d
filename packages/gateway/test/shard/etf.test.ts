import { Emulator, sample, type EmulatorOptions } from 'twilight-emulator'
import { describe, expect, onTestFinished, test } from 'vitest'

import {
  allIntents,
  ConfigError,
  Shard,
  unlimitedIdentifyQueue,
  type Compression,
  type GatewayEvent,
  type ShardOptions,
} from '../../src/index.ts'
import { dispatchNames } from '../../src/protocol/event-names.ts'

async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await Emulator.start({
    guildBackfillMs: 0,
    identifyWindowMs: 0,
    payloadCompressionBytes: 200,
    world: { guilds: 3, membersPerGuild: 8, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 },
    ...options,
  })
  onTestFinished(async () => emulator.stop())
  return emulator
}

interface Seen {
  readonly type: string
  readonly data: unknown
}

/** A shard, and what it handed out, in order. */
class Bot {
  readonly shard: Shard
  readonly events: GatewayEvent[] = []
  readonly #looking = new Set<() => void>()

  constructor(emulator: Emulator, options: Partial<ShardOptions>) {
    this.shard = new Shard({
      token: emulator.token,
      intents: allIntents,
      gatewayUrl: emulator.url,
      identifyQueue: unlimitedIdentifyQueue,
      backoff: { baseMs: 20, resumeCapMs: 60, identifyCapMs: 60 },
      ...options,
    })
    onTestFinished(async () => this.shard.down())
    void this.#read()
  }

  /** Resolves with the first event that fits, of those that came and those to come. */
  async event(fits: (event: GatewayEvent) => boolean): Promise<GatewayEvent> {
    for (;;) {
      const found = this.events.find(fits)
      if (found !== undefined) return found
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#looking.add(resolve)
      await promise
    }
  }

  /** What was dispatched, as far as it does not depend on the session, in an order that does not either. */
  seen(): Seen[] {
    return this.events
      .filter(({ type }) => !type.startsWith('SHARD_') && type !== 'RESUMED')
      .map(({ type, data }): Seen => ({ type, data: type === 'READY' ? shared(data) : data }))
      .toSorted((left, right) => rank(left).localeCompare(rank(right)))
  }

  async #read(): Promise<void> {
    for await (const event of this.shard) {
      this.events.push(event)
      for (const resolve of this.#looking) resolve()
      this.#looking.clear()
    }
  }
}

/** A READY without what only its session has. */
function shared(ready: object): object {
  return { ...ready, session_id: '', _trace: [], guilds: new Set(Reflect.get(ready, 'guilds')) }
}

/** The guilds behind READY come shuffled. */
function rank({ type, data }: Seen): string {
  return `${type} ${typeof data === 'object' && data !== null ? String(Reflect.get(data, 'id')) : ''}`
}

const modes: readonly { readonly compression: Compression; readonly threads?: number }[] = [
  { compression: 'none' },
  { compression: 'payload' },
  { compression: 'zlib-stream' },
  { compression: 'zstd-stream' },
  { compression: 'zstd-stream', threads: 1 },
]
const spellings = [
  { etfSnowflakes: 'integer', etfKeys: 'atom' },
  { etfSnowflakes: 'string', etfKeys: 'binary' },
] as const
const everything = dispatchNames.filter((type) => type !== 'READY' && type !== 'RESUMED')

describe.each(modes)('encoding etf, %j', (mode) => {
  test.each(spellings)(
    'every event is the same as in JSON, through a lost connection: %j',
    async (switches) => {
      const emulator = await startEmulator({ switches })
      const bots = [
        new Bot(emulator, { ...mode, encoding: 'etf' }),
        new Bot(emulator, { compression: mode.compression, encoding: 'json' }),
      ] as const
      const [etf, json] = bots
      await Promise.all(bots.map(async ({ shard }) => shard.start()))

      for (const type of everything) {
        const event = sample(emulator.world, type)
        emulator.dispatch(type, event.data)
      }
      emulator.all.drop()
      emulator.dispatch('USER_UPDATE', { id: '1', username: 'é😀 while away' })
      await emulator.until(() => emulator.report().resumes.length === 2)
      emulator.dispatch('USER_UPDATE', { id: '2', username: 'last' })
      for (const bot of bots) {
        await bot.event((event) => event.type === 'USER_UPDATE' && event.data.username === 'last')
      }

      expect(new Set(etf.seen().map(({ type }) => type))).toEqual(new Set(['READY', ...everything]))
      expect(etf.seen()).toEqual(json.seen())
      expect(etf.events.map(({ sequence }) => sequence).filter((s) => s > 0)).toEqual(
        json.events.map(({ sequence }) => sequence).filter((s) => s > 0),
      )
      const { connections, resumes, violations } = emulator.report()
      expect(connections.map(({ encoding }) => encoding).toSorted()).toEqual(['etf', 'etf', 'json', 'json'])
      expect(resumes.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
      expect(violations).toEqual([])
    },
  )

  test('commands reach the gateway as terms, and are answered', async () => {
    const emulator = await startEmulator()
    const bot = new Bot(emulator, {
      ...mode,
      encoding: 'etf',
      presence: { since: null, activities: [{ name: 'é', type: 0 }], status: 'idle', afk: false },
    })
    await bot.shard.start()
    const guildId = emulator.world.guildIds[0] ?? ''
    await bot.shard.command({ op: 8, d: { guild_id: guildId, query: '', limit: 0, nonce: 'n' } })
    const ready = await bot.event(({ type }) => type === 'READY')
    const chunk = await bot.event(({ type }) => type === 'GUILD_MEMBERS_CHUNK')
    expect(ready.data).toMatchObject({ v: 10, resume_gateway_url: emulator.resumeUrl })
    expect(chunk.data).toMatchObject({
      guild_id: guildId,
      chunk_index: 0,
      chunk_count: 1,
      nonce: 'n',
      members: emulator.world.members(guildId),
    })
    await bot.shard.send(`{"op":31,"d":{"guild_ids":["${guildId}"]}}`)
    const sounds = await bot.event(({ type }) => type === 'SOUNDBOARD_SOUNDS')
    expect(sounds.data).toEqual({
      guild_id: guildId,
      soundboard_sounds: emulator.world.soundboardSounds(guildId),
    })
    emulator.all.requestHeartbeat()
    await emulator.until(() => emulator.report().frames.some(({ op }) => op === 1))
    const { frames, violations } = emulator.report()
    expect(violations).toEqual([])
    expect(frames.map(({ op }) => op)).toEqual(expect.arrayContaining([1, 2, 8, 31]))
    expect(frames.find(({ op }) => op === 2)?.data).toMatchObject({
      intents: allIntents,
      presence: { since: null, activities: [{ name: 'é', type: 0 }] },
    })
  })
})

test('damaged terms end the connection and lose nothing', async () => {
  const emulator = await startEmulator()
  const bot = new Bot(emulator, { compression: 'none', encoding: 'etf' })
  await bot.shard.start()
  for (const damage of ['corruptNext', 'truncateNext'] as const) {
    const resumed = emulator.waitFor('resume')
    emulator.all[damage]()
    emulator.dispatch('USER_UPDATE', { id: damage })
    await resumed
    await bot.event((event) => event.type === 'USER_UPDATE' && event.data.id === damage)
  }
  expect(bot.events.filter(({ type }) => type === 'USER_UPDATE')).toHaveLength(2)
  const ends = bot.events.filter(({ type }) => type === 'SHARD_DISCONNECTED').map(({ data }) => data)
  expect(ends).toMatchObject([{ cause: 'decode' }, { cause: 'decode' }])
  expect(emulator.report().sessions).toHaveLength(1)
})

test('an event keeps its term, and data that does not decode is an error of its own', async () => {
  const emulator = await startEmulator()
  const bot = new Bot(emulator, { compression: 'none', encoding: 'etf' })
  await bot.shard.start()
  // #{d => <<255>>, op => 0, s => 99, t => 'USER_UPDATE'}
  const raw = Buffer.from(
    '8374000000046400 01646d00000001ff6400026f7061006400017361636400017464000b555345525f555044415445'.replace(
      ' ',
      '',
    ),
    'hex',
  )
  emulator.all.sendRaw(raw)
  const event = await bot.event(({ type }) => type === 'USER_UPDATE')
  expect(event.sequence).toBe(99)
  expect(event.raw).toEqual(raw)
  expect(() => event.data).toThrow(expect.objectContaining({ code: 'DECODE_DATA' }))
})

test.each([
  [{ encoding: 'xml' }, 'option encoding must be one of json, etf, got "xml"'],
  [
    { encoding: 'etf', deserializer: { name: 'mine', parse: () => 1 } },
    "option deserializer must be absent with encoding 'etf'",
  ],
])('%j is refused', (options, message) => {
  const make = (): Shard => new Shard({ token: 't', intents: 0, ...(options as Partial<ShardOptions>) })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(message)
})
