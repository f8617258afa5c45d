import { expect, test } from 'vitest'

import { instrument } from '../../src/metrics/index.ts'
import type { ShardInfo } from '../../src/shard/shard-info.ts'
import { madeInfo } from './made-info.ts'
import { startScraper } from './scraper.ts'

const events = { event_type: 'MESSAGE_CREATE' }

function withEvents(id: number, count: number, receivedBytes = count): ShardInfo {
  return madeInfo(id, {
    stats: { dispatches: count, dispatchesByType: { MESSAGE_CREATE: count }, receivedBytes },
  })
}

test('sums never fall when shards go or begin anew', async () => {
  await using scraper = await startScraper()
  let shards = [withEvents(0, 100), withEvents(1, 50)]
  instrument({ info: () => shards }, { meter: scraper.meter, perShard: false })
  const read = async (): Promise<unknown> => {
    const scrape = await scraper.scrape()
    return [scrape.value('twilight.gateway.events', events), scrape.value('twilight.gateway.dispatches')]
  }
  expect(await read()).toEqual([150, 150])
  shards = [withEvents(0, 110)]
  expect(await read()).toEqual([160, 160])
  shards = [withEvents(0, 3)]
  expect(await read()).toEqual([163, 163])
  // The same ids of another shard count are other shards.
  shards = [{ ...withEvents(0, 7), shardCount: 8 }, withEvents(0, 4)]
  expect(await read()).toEqual([171, 171])
  shards = []
  expect(await read()).toEqual([171, 171])
})

test('a shard that has gone leaves no waiting events and no phase behind', async () => {
  await using scraper = await startScraper()
  let shards = [madeInfo(0), madeInfo(1, { phase: 'resuming' })]
  instrument({ info: () => shards }, { meter: scraper.meter })
  const before = await scraper.scrape()
  expect(before.by('twilight.gateway.buffer.events', 'shard_id')).toEqual({ 0: 1, 1: 1 })
  expect(before.by('twilight.gateway.shards', 'shard_phase')).toMatchObject({ live: 1, resuming: 1 })
  shards = [madeInfo(0)]
  const after = await scraper.scrape()
  expect(after.by('twilight.gateway.buffer.events', 'shard_id')).toEqual({ 0: 1, 1: 0 })
  expect(after.by('twilight.gateway.shards', 'shard_phase')).toMatchObject({ live: 1, resuming: 0 })
})

test('without shard.id each instrument has one series: a sum, a mean, or the worst', async () => {
  await using scraper = await startScraper()
  const shards = [
    madeInfo(0, { latency: { averageMs: 40, recentMs: [90, 20] } }),
    madeInfo(1, {
      latency: { averageMs: 20, recentMs: [10] },
      commands: { available: 7, refillMs: 0, queued: 2 },
    }),
    madeInfo(2, {
      phase: 'queued',
      latency: { averageMs: undefined, recentMs: [] },
      inflater: { inBytes: 20, outBytes: 20, capacityBytes: 0 },
      buffer: { events: 5, sizeBytes: 1, isPaused: true, pauses: 3, dropped: 2 },
    }),
  ]
  instrument({ info: () => shards }, { meter: scraper.meter, perShard: false })
  const scrape = await scraper.scrape()
  expect(scrape.value('twilight.gateway.heartbeat.latency.average')).toBeCloseTo(0.03, 9)
  expect(scrape.value('twilight.gateway.heartbeat.latency.last')).toBe(0.09)
  expect(scrape.value('twilight.gateway.commands.permits')).toBe(7)
  expect(scrape.value('twilight.gateway.commands.queued')).toBe(2)
  expect(scrape.value('twilight.gateway.inflater.efficiency')).toBeCloseTo(40 / 120, 9)
  expect(scrape.value('twilight.gateway.inflater.capacity')).toBe(2_000)
  expect(scrape.value('twilight.gateway.buffer.events')).toBe(7)
  expect(scrape.value('twilight.gateway.buffer.pauses')).toBe(3)
  expect(scrape.value('twilight.gateway.buffer.paused')).toBe(1)
  expect(scrape.value('twilight.gateway.lifecycle.dropped')).toBe(2)
  expect(scrape.value('twilight.gateway.identify.waiting')).toBe(1)
})

test('what has no value is not reported', async () => {
  await using scraper = await startScraper()
  const shard = madeInfo(0, {
    latency: { averageMs: undefined, recentMs: [] },
    commands: { available: Infinity, refillMs: 0, queued: 0 },
    inflater: { inBytes: 0, outBytes: 0, capacityBytes: 0 },
  })
  instrument({ info: () => shard }, { meter: scraper.meter })
  const { families } = await scraper.scrape()
  const names = [...families.keys()].filter((name) => /latency|permits|efficiency/.test(name))
  expect(names).toEqual([])
  expect(families.has('twilight_gateway_connects_total')).toBe(true)
})

test('1,000 shards stay below the limit of series, and have one of each without shard.id', async () => {
  const types = Array.from({ length: 148 }, (_, index) => [`TYPE_${index}`, index + 1] as const)
  const shards = Array.from({ length: 1_000 }, (_, id) =>
    madeInfo(id, {
      stats: {
        dispatchesByType: Object.fromEntries(types),
        reconnectsByCause: { network: 1, zombie: 2, requested: 3, decode: 1 },
      },
    }),
  )
  await using each = await startScraper()
  instrument({ info: () => shards }, { meter: each.meter })
  const { families } = await each.scrape()
  const series = [...families.values()].map(({ samples }) => samples.length)
  expect(Math.max(...series)).toBe(1_000)
  expect([...families.values()].flatMap(({ samples }) => samples)).not.toContainEqual(
    expect.objectContaining({ labels: expect.objectContaining({ otel_metric_overflow: 'true' }) }),
  )
  expect(families.get('twilight_gateway_events_total')?.samples).toHaveLength(148)

  await using together = await startScraper()
  instrument({ info: () => shards }, { meter: together.meter, perShard: false })
  const scrape = await together.scrape()
  const grouped = [
    'twilight_gateway_events_total',
    'twilight_gateway_shards',
    'twilight_gateway_reconnects_total',
  ]
  for (const [name, { samples }] of scrape.families) {
    if (!grouped.includes(name)) expect(samples, name).toHaveLength(1)
  }
  expect(scrape.value('twilight.gateway.events', { event_type: 'TYPE_9' })).toBe(10_000)
})
