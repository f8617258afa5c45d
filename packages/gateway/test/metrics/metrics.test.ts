import { Worker } from 'node:worker_threads'

import { Emulator, type EmulatorOptions } from 'twilight-emulator'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { Cluster } from '../../src/cluster/cluster.ts'
import { instrument } from '../../src/metrics/index.ts'
import { allIntents } from '../../src/protocol/intents.ts'
import { InMemoryIdentifyQueue } from '../../src/queue/in-memory-identify-queue.ts'
import { unlimitedIdentifyQueue } from '../../src/queue/no-identify-queue.ts'
import { Shard } from '../../src/shard/shard.ts'
import type { ShardInfo } from '../../src/shard/shard-info.ts'
import { startScraper, type Scrape } from './scraper.ts'

const identifyWindowMs = 100
const patience = { timeout: 15_000, interval: 5 }

/** A cluster whose jitter is none: the first heartbeat leaves at once, and so do reconnects. */
async function startCluster(emulator: Emulator, shards = 2): Promise<Cluster> {
  const cluster = await Cluster.create({
    token: emulator.token,
    apiUrl: emulator.apiUrl,
    gatewayUrl: emulator.url,
    intents: allIntents,
    shards,
    // A little longer than the emulator's window.
    identifyQueue: new InMemoryIdentifyQueue({ windowMs: identifyWindowMs, slackMs: 50 }),
    random: () => 0,
  })
  void drain(cluster)
  await cluster.up()
  return cluster
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const event of events) void event
}

function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return Emulator.start({
    shards: 2,
    identifyWindowMs,
    world: { guilds: 6 },
    guildBackfillMs: 0,
    ...options,
  })
}

/** Resolves when the cluster has received all events that the emulator has sent. */
async function allReceived(cluster: Cluster, emulator: Emulator): Promise<void> {
  const missing = (): number =>
    cluster.info().reduce((rest, { stats }) => rest - stats.dispatches, emulator.report().sent.events)
  await expect.poll(missing, patience).toBe(0)
}

function total(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((sum, value) => sum + value, 0)
}

function sendSome(emulator: Emulator): void {
  for (const guildId of emulator.world.guildIds) {
    const where = { guild_id: guildId, channel_id: '2' }
    emulator.dispatch('MESSAGE_CREATE', {
      id: '1',
      author: { id: '3', username: 'a' },
      content: 'b',
      ...where,
    })
    emulator.dispatch('TYPING_START', { user_id: '3', timestamp: 1, ...where })
    emulator.dispatch('NEW_IN_THIS_TEST', where)
  }
}

describe('scraped through the Prometheus exporter', () => {
  test('the values are those of the emulator, through faults of many causes', async () => {
    await using emulator = await startEmulator()
    await using cluster = await startCluster(emulator)
    await using scraper = await startScraper()
    instrument(cluster, { meter: scraper.meter })

    sendSome(emulator)
    await allReceived(cluster, emulator)
    expectAsReported(await scraper.scrape(), cluster, emulator)

    // Two resumes of different causes, each with a replay, then a new session.
    const resumed = emulator.waitFor('resume', ({ outcome }) => outcome === 'resumed')
    emulator.shard(0).drop()
    sendSome(emulator)
    await resumed
    await expect.poll(() => cluster.info().map(({ phase }) => phase), patience).toEqual(['live', 'live'])
    await allReceived(cluster, emulator)
    emulator.shard(1).close(4000)
    await expect.poll(() => emulator.report().resumes.length, patience).toBe(2)
    await expect.poll(() => cluster.info().map(({ phase }) => phase), patience).toEqual(['live', 'live'])
    emulator.shard(0).invalidateSession(false)
    await expect.poll(() => emulator.report().identifies.length, patience).toBe(3)
    await expect.poll(() => cluster.info().map(({ phase }) => phase), patience).toEqual(['live', 'live'])
    await allReceived(cluster, emulator)

    const scrape = await scraper.scrape()
    expectAsReported(scrape, cluster, emulator)
    expect(scrape.by('twilight.gateway.reconnects', 'disconnect_cause')).toEqual({
      network: 1,
      'close-code': 1,
      'invalid-session': 1,
    })
    expect(scrape.by('twilight.gateway.resumes', 'disconnect_cause')).toEqual({ network: 1, 'close-code': 1 })
    const replayed = emulator.report().resumes.reduce((sum, resume) => sum + resume.replayed, 0)
    expect(replayed).toBeGreaterThan(0)
    // Discord's RESUMED is no part of the replay.
    expect(total(scrape.by('twilight.gateway.replayed', 'shard_id'))).toBe(replayed)
    expect(scrape.by('twilight.gateway.shards', 'shard_phase')).toMatchObject({
      live: 2,
      idle: 0,
      waiting: 0,
    })
  })

  test('what only the client knows: waits, buffers, commands, listeners', async () => {
    await using emulator = await startEmulator()
    await using scraper = await startScraper()
    await using cluster = await startCluster(emulator)
    instrument(cluster, { meter: scraper.meter })
    cluster.on('TYPING_START', () => {
      throw new Error('a listener of this test')
    })
    sendSome(emulator)
    await allReceived(cluster, emulator)
    for (let sent = 0; sent < 3; sent += 1) {
      await cluster.command(1, {
        op: 4,
        d: { guild_id: '1', channel_id: null, self_mute: false, self_deaf: false },
      })
    }
    await expect
      .poll(() => cluster.info().every(({ latency }) => latency.recentMs.length > 0), patience)
      .toBe(true)

    const scrape = await scraper.scrape()
    expect(total(scrape.by('twilight.gateway.listener.errors', 'shard_id'))).toBe(
      emulator.report().sent.byType['TYPING_START'],
    )
    expect(scrape.by('twilight.gateway.identify.waits', 'shard_id')).toEqual({ 0: 1, 1: 1 })
    // Both share one lane: the second waits a window longer than the first.
    expect(total(scrape.by('twilight.gateway.identify.wait.duration', 'shard_id'))).toBeGreaterThan(
      identifyWindowMs / 1_000,
    )
    const permits = scrape.by('twilight.gateway.commands.permits', 'shard_id')
    expect((permits['0'] ?? 0) - (permits['1'] ?? 0)).toBe(3)
    const infos = cluster.info()
    const [first] = infos
    expect(structuredClone(infos)).toEqual(infos)
    expect(scrape.value('twilight.gateway.heartbeat.latency.average', { shard_id: '0' })).toBeCloseTo(
      (first?.latency.averageMs ?? 0) / 1_000,
      9,
    )
    // Zstd: the window is there, and what came in is less than what came out.
    expect(scrape.value('twilight.gateway.inflater.capacity', { shard_id: '0' })).toBeGreaterThan(1_024)
    const efficiency = scrape.value('twilight.gateway.inflater.efficiency', { shard_id: '0' }) ?? 0
    expect(efficiency).toBeGreaterThan(0.02)
    expect(efficiency).toBeLessThan(0.9)
  })

  test('a consumer that does not come, and messages that are too large', async () => {
    await using emulator = await Emulator.start({ world: { guilds: 1 }, guildBackfillMs: 0 })
    await using scraper = await startScraper()
    const shard = new Shard({
      token: emulator.token,
      gatewayUrl: emulator.url,
      intents: allIntents,
      highWaterMark: 4,
      maxInflatedBytes: 2 * 1024 * 1024,
      random: () => 0,
    })
    await shard.start()
    instrument(shard, { meter: scraper.meter })
    sendSome(emulator)
    await expect.poll(() => shard.info().buffer.isPaused, patience).toBe(true)
    const full = await scraper.scrape()
    const { buffer } = shard.info()
    expect(full.value('twilight.gateway.buffer.events', { shard_id: '0' })).toBe(buffer.events)
    expect(full.value('twilight.gateway.buffer.size', { shard_id: '0' })).toBe(buffer.sizeBytes)
    expect(buffer.sizeBytes).toBeGreaterThan(1_000)
    expect(full.value('twilight.gateway.buffer.paused', { shard_id: '0' })).toBe(1)
    expect(full.value('twilight.gateway.buffer.pauses', { shard_id: '0' })).toBe(1)

    void drain(shard)
    await expect.poll(() => shard.info().buffer.events, patience).toBe(0)
    emulator.all.sendRaw(`{"t":null,"s":null,"op":99,"d":"${'x'.repeat(3 * 1024 * 1024)}"}`)
    await expect.poll(() => shard.info().stats.resumed, patience).toBe(1)
    const empty = await scraper.scrape()
    expect(empty.value('twilight.gateway.oversize', { shard_id: '0' })).toBe(1)
    expect(empty.by('twilight.gateway.reconnects', 'disconnect_cause')).toEqual({ decode: 1 })
    expect(empty.value('twilight.gateway.buffer.size', { shard_id: '0' })).toBe(0)
    await shard.down()
  })

  test('two clusters on one meter are told apart by an attribute', async () => {
    await using one = await startEmulator()
    await using two = await Emulator.start({ world: { guilds: 2 }, guildBackfillMs: 0 })
    await using scraper = await startScraper()
    await using first = await startCluster(one)
    await using second = await startCluster(two, 1)
    instrument(first, { meter: scraper.meter, attributes: { bot: 'first' } })
    const stop = instrument(second, { meter: scraper.meter, attributes: { bot: 'second' }, perShard: false })
    await allReceived(first, one)
    await allReceived(second, two)
    const scrape = await scraper.scrape()
    const { byType } = one.report().sent
    expect(scrape.value('twilight.gateway.events', { bot: 'first', event_type: 'GUILD_CREATE' })).toBe(
      byType['GUILD_CREATE'],
    )
    expect(scrape.value('twilight.gateway.events', { bot: 'second', event_type: 'GUILD_CREATE' })).toBe(2)
    expect(scrape.value('twilight.gateway.connects', { bot: 'first', shard_id: '1' })).toBe(1)
    expect(scrape.value('twilight.gateway.connects', { bot: 'second' })).toBe(1)

    // One of them stopped, the other goes on.
    stop()
    sendSome(one)
    sendSome(two)
    await allReceived(first, one)
    await allReceived(second, two)
    const later = await scraper.scrape()
    const typing = one.report().sent.byType['TYPING_START']
    expect(later.value('twilight.gateway.events', { bot: 'first', event_type: 'TYPING_START' })).toBe(typing)
    expect(
      later.value('twilight.gateway.events', { bot: 'second', event_type: 'TYPING_START' }),
    ).toBeUndefined()
  })
})

test('nothing is read but when somebody scrapes, once each time, and never after the end', async () => {
  await using emulator = await startEmulator()
  await using scraper = await startScraper()
  await using cluster = await startCluster(emulator)
  let readings = 0
  const source = {
    info: (): ShardInfo[] => {
      readings += 1
      return cluster.info()
    },
  }
  const stop = instrument(source, { meter: scraper.meter })
  sendSome(emulator)
  await allReceived(cluster, emulator)
  expect(readings).toBe(0)
  await scraper.scrape()
  await scraper.scrape()
  expect(readings).toBe(2)
  stop()
  await scraper.scrape()
  expect(readings).toBe(2)
  stop()
})

test('counts of shards in threads outlive the thread, and tell why it was replaced', async () => {
  const post = vi.spyOn(Worker.prototype, 'postMessage')
  onTestFinished(() => post.mockRestore())
  await using emulator = await startEmulator({ identifyWindowMs: 0 })
  await using scraper = await startScraper()
  await using cluster = await Cluster.create({
    token: emulator.token,
    gatewayUrl: emulator.url,
    intents: allIntents,
    shards: 2,
    threads: 1,
    identifyQueue: unlimitedIdentifyQueue,
  })
  void drain(cluster)
  await cluster.up()
  instrument(cluster, { meter: scraper.meter })
  sendSome(emulator)
  await allReceived(cluster, emulator)
  const before = emulator.report().sent.events
  const thread = post.mock.contexts.at(-1) as Worker | undefined
  await thread?.terminate()
  await expect.poll(() => emulator.report().resumes.length, patience).toBe(2)
  sendSome(emulator)
  await expect.poll(() => emulator.report().sent.events, patience).toBeGreaterThan(before)
  await allReceived(cluster, emulator)
  const scrape = await scraper.scrape()
  expect(scrape.by('twilight.gateway.events', 'event_type')).toEqual(emulator.report().sent.byType)
  expect(scrape.by('twilight.gateway.reconnects', 'disconnect_cause')).toEqual({ thread: 2 })
  expect(total(scrape.by('twilight.gateway.connects', 'shard_id'))).toBe(4)
})

/** What both sides know must agree, after everything that was sent has arrived. */
function expectAsReported(scrape: Scrape, cluster: Cluster, emulator: Emulator): void {
  const { sent, connections, identifies, resumes } = emulator.report()
  expect(scrape.by('twilight.gateway.events', 'event_type')).toEqual(sent.byType)
  expect(total(scrape.by('twilight.gateway.dispatches', 'shard_id'))).toBe(sent.events)
  expect(total(scrape.by('twilight.gateway.connects', 'shard_id'))).toBe(connections.length)
  expect(total(scrape.by('twilight.gateway.identifies', 'shard_id'))).toBe(
    identifies.filter(({ outcome }) => outcome === 'ready').length,
  )
  expect(total(scrape.by('twilight.gateway.resumes', 'disconnect_cause'))).toBe(resumes.length)
  expect(total(scrape.by('twilight.gateway.resumed', 'shard_id'))).toBe(
    resumes.filter(({ outcome }) => outcome === 'resumed').length,
  )
  // The emulator counts the headers of its frames too: 2 to 10 bytes for each event, and for what comes beside events.
  const received = total(scrape.by('twilight.gateway.received', 'shard_id'))
  expect(received).toBeLessThan(sent.bytes)
  expect(received).toBeGreaterThan(sent.bytes - 10 * (sent.events + 10 * connections.length))
  expect(received).toBe(cluster.info().reduce((sum, { stats }) => sum + stats.receivedBytes, 0))
  const inflated = total(scrape.by('twilight.gateway.inflated', 'shard_id'))
  expect(inflated).toBe(cluster.info().reduce((sum, { stats }) => sum + stats.payloadBytes, 0))
  expect(inflated).toBeGreaterThan(sent.bytes)
}
