import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allIntents, Emulator, type EmulatorOptions } from 'twilight-emulator'
import { describe, expect, onTestFinished, test } from 'vitest'

import {
  Cluster,
  FileSessionStore,
  Shard,
  unlimitedIdentifyQueue,
  type ClusterOptions,
  type ShardOptions,
} from '../../src/index.ts'
import { MemorySessionStore } from '../../src/store/index.ts'
import { settled } from '../support/virtual-clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { placed } from './fixture.ts'

async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await Emulator.start({ guildBackfillMs: 0, identifyWindowMs: 0, ...options })
  onTestFinished(() => emulator.stop())
  return emulator
}

function commonOptions(emulator: Emulator) {
  return {
    token: emulator.token,
    intents: allIntents,
    gatewayUrl: emulator.url,
    identifyQueue: unlimitedIdentifyQueue,
    sessionSaveIntervalMs: 10,
    random: () => 0,
  } as const
}

function makeShard(emulator: Emulator, options: Partial<ShardOptions> = {}): Shard {
  const shard = new Shard(placed({ ...commonOptions(emulator), ...options }))
  onTestFinished(() => shard.down())
  return shard
}

async function makeCluster(emulator: Emulator, options: Partial<ClusterOptions>): Promise<Cluster> {
  const cluster = await Cluster.create(
    placed({ ...commonOptions(emulator), apiUrl: emulator.apiUrl, ...options }),
  )
  onTestFinished(() => cluster.down())
  return cluster
}

/** Takes all events of a shard, which acknowledges them. */
async function consume(shard: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of shard);
}

/** Waits until the consumer has handled the READY of each shard: before that there is no session to resume. */
async function begun(...shards: readonly Shard[]): Promise<void> {
  while (shards.some(({ session }) => session === undefined)) await settled()
}

function outcomes(emulator: Emulator) {
  const { identifies, resumes } = emulator.report()
  return {
    identifies: identifies.map(({ outcome }) => outcome),
    resumes: resumes.map(({ outcome }) => outcome),
  }
}

function broken(): Promise<never> {
  return Promise.reject(new Error('the store is broken'))
}

function hang(): Promise<never> {
  return new Promise(() => undefined)
}

test('a cluster that comes up again resumes all its sessions, those of its shard count', async () => {
  const emulator = await startEmulator({ shards: 3, maxConcurrency: 3 })
  const path = join(await temporaryFolder(), 'sessions.json')
  const first = await makeCluster(emulator, { shards: 3, sessionStore: new FileSessionStore(path) })
  void consume(first)
  await first.up()
  await begun(...first.shards.values())
  const left = await first.downResumable()
  expect(left).toHaveLength(3)
  const text = await readFile(path, 'utf8')
  expect(JSON.parse(text)).toEqual({ version: 1, sessions: left.toSorted((a, b) => a.shardId - b.shardId) })
  expect(text).not.toContain(emulator.token)

  const second = await makeCluster(emulator, { shards: 3, sessionStore: new FileSessionStore(path) })
  await second.up()
  await second.downResumable()
  expect(outcomes(emulator)).toEqual({
    identifies: ['ready', 'ready', 'ready'],
    resumes: ['resumed', 'resumed', 'resumed'],
  })

  const other = await makeCluster(emulator, { shards: 2, sessionStore: new FileSessionStore(path) })
  await other.up()
  expect(emulator.report().identifies).toHaveLength(5)
})

test('sessions are saved while the shard runs, at what the consumer has acknowledged', async () => {
  const emulator = await startEmulator()
  const store = new MemorySessionStore()
  const shard = makeShard(emulator, { sessionStore: store })
  const iterator = shard[Symbol.asyncIterator]()
  const started = shard.start()
  const take = async (type: string): Promise<number> => {
    for (;;) {
      const { value } = await iterator.next()
      if (value?.type === type) return value.sequence
    }
  }
  await take('READY')
  await started
  const held = await take('GUILD_CREATE')
  // The event in our hands is not acknowledged before we ask for the next one.
  while (store.sessions[0]?.sequence !== held - 1) await settled()
  const next = iterator.next()
  while (store.sessions[0]?.sequence === held - 1) await settled()
  await next
  expect(store.sessions).toMatchObject([{ shardId: 0, shardCount: 1, sessionId: shard.info().sessionId }])
})

test('down deletes the session, and so does Discord when it forbids to go on', async () => {
  const emulator = await startEmulator()
  const store = new MemorySessionStore()
  const first = makeShard(emulator, { sessionStore: store })
  void consume(first)
  await first.start()
  while (store.sessions.length === 0) await settled()
  await first.down()
  expect(store.sessions).toEqual([])

  const second = makeShard(emulator, { sessionStore: store })
  const consumed = consume(second).catch((error: unknown) => error)
  await second.start()
  while (store.sessions.length === 0) await settled()
  emulator.all.close(4014)
  expect(await consumed).toMatchObject({ code: 'CLOSED_FATAL' })
  while (store.sessions.length > 0) await settled()
})

test('a session that Discord no longer knows is replaced', async () => {
  const emulator = await startEmulator()
  const store = new MemorySessionStore()
  await store.save({ sessionId: 'f'.repeat(32), sequence: 9, shardId: 0, shardCount: 1 })
  const shard = makeShard(emulator, { sessionStore: store })
  void consume(shard)
  await shard.start()
  expect(emulator.report().identifies).toMatchObject([{ outcome: 'ready' }])
  const { sessionId } = shard.info()
  while (store.sessions[0]?.sessionId !== sessionId) await settled()
})

test('sessions that are given win over the store', async () => {
  const emulator = await startEmulator()
  const store = new MemorySessionStore()
  const first = makeShard(emulator)
  void consume(first)
  await first.start()
  await begun(first)
  const session = await first.downResumable()
  expect(session).toBeDefined()
  await store.save({ sessionId: 'f'.repeat(32), sequence: 9, shardId: 0, shardCount: 1 })
  const second = makeShard(emulator, { sessionStore: store, ...(session ? { session } : {}) })
  await second.start()
  await second.downResumable()
  expect(outcomes(emulator).resumes).toEqual(['resumed'])
  expect(store.sessions).toMatchObject([{ sessionId: session?.sessionId }])
})

test('stopping a cluster before it is up leaves the store as it was', async () => {
  const emulator = await startEmulator()
  const session = { sessionId: 'f'.repeat(32), sequence: 9, shardId: 0, shardCount: 1 }
  const store = new MemorySessionStore()
  await store.save(session)
  const idle = await makeCluster(emulator, { shards: 1, sessionStore: store })
  await idle.down()

  const answer = Promise.withResolvers<void>()
  const slow = new MemorySessionStore()
  await slow.save(session)
  const load = slow.load.bind(slow)
  slow.load = async (...shard) => {
    await answer.promise
    return load(...shard)
  }
  const starting = await makeCluster(emulator, { shards: 1, sessionStore: slow })
  const up = starting.up().catch((error: unknown) => error)
  const down = starting.down()
  answer.resolve()
  await down
  expect(await up).toMatchObject({ code: 'CLOSED_LOCALLY' })
  expect([store.sessions, slow.sessions]).toEqual([[session], [session]])
  expect(emulator.report().connections).toEqual([])
})

describe('a store that fails', () => {
  test('harms no shard, and is told in the stream, to listeners and in the counters', async () => {
    const emulator = await startEmulator({ shards: 2, maxConcurrency: 2 })
    const sessionStore = { load: broken, save: broken, delete: broken, flush: broken }
    const cluster = await makeCluster(emulator, { shards: 2, sessionStore })
    const heard = new Set<string>()
    cluster.on('SHARD_SESSION_STORE_ERROR', ({ data }) => {
      heard.add(data.operation)
      expect(data.error).toEqual(new Error('the store is broken'))
    })
    const read = new Set<string>()
    const consumed = (async () => {
      for await (const event of cluster) {
        if (event.type === 'SHARD_SESSION_STORE_ERROR') read.add(event.data.operation)
      }
    })()
    await cluster.up()
    while (!read.has('save')) await settled()
    const { stats } = cluster.shard(0).info()
    expect(stats.storeFailures).toBeGreaterThanOrEqual(2)
    expect(cluster.info().map(({ phase }) => phase)).toEqual(['live', 'live'])
    await cluster.down()
    await consumed
    // What the stop itself meets may come after the stream's end: listeners hear it still.
    expect(read).toContain('load')
    expect(heard).toEqual(new Set(['load', 'save', 'delete']))
  })

  test('by hanging delays start and stop to its deadline, and nothing else', async () => {
    const emulator = await startEmulator()
    const sessionStore = { load: hang, save: hang, delete: hang, flush: hang }
    const shard = makeShard(emulator, { sessionStore, timeouts: { storeMs: 20 } })
    const codes = new Set<string>()
    shard.on('SHARD_SESSION_STORE_ERROR', ({ data }) => codes.add((data.error as { code: string }).code))
    void consume(shard)
    await shard.start()
    while (shard.info().stats.storeFailures < 2) await settled()
    expect(await shard.downResumable()).toMatchObject({ shardId: 0 })
    expect([...codes]).toEqual(['TIMEOUT_STORE'])
  })
})

test('what is no store is refused', () => {
  const options = { token: 'token', intents: 0, sessionStore: { load: () => undefined } }
  expect(() => new Shard(options as unknown as ShardOptions)).toThrow(
    'option sessionStore must be an object with the functions load, save, delete, flush',
  )
  expect(() => new Shard({ token: 'token', intents: 0, sessionSaveIntervalMs: 0 })).toThrow(
    'option sessionSaveIntervalMs',
  )
})
