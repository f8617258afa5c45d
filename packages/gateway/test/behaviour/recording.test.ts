import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

import { expect, onTestFinished, test } from 'vitest'

import type { Cluster, GatewayEvent } from '../../src/index.ts'
import { makeCluster, Reader, startEmulator } from './fixture.ts'

/** As in the emulator's README: what a client received, as a file that the emulator replays. */
async function recordClient(cluster: Cluster, path: string, seen: GatewayEvent[]): Promise<void> {
  const file = createWriteStream(path)
  file.write('{"format":"discord-gateway-recording","version":1}\n')
  const startedAt = performance.now()
  for await (const event of cluster) {
    if (event.raw === undefined || event.type === 'READY') continue
    seen.push(event)
    const atMs = performance.now() - startedAt
    const line = `{"atMs":${atMs},"shard":${event.shardId},"payload":${event.raw.toString()}}\n`
    if (!file.write(line)) await once(file, 'drain')
  }
  file.end()
  await finished(file)
}

/** What it was, in the order of a shard; sequences and sessions are new in a replay. */
function contents(events: readonly GatewayEvent[], shardId: number): unknown[] {
  return events

    .filter((event) => event.raw !== undefined && event.type !== 'READY' && event.shardId === shardId)
    .map(({ type, data }) => ({ type, data }))
}

test('what a cluster received from one emulator, another replays to another cluster', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twilight-recording-'))
  onTestFinished(async () => rm(folder, { recursive: true }))
  const path = join(folder, 'client.ndjson')

  const emulator = await startEmulator({ shards: 2, world: { guilds: 6, seed: 11 } })
  const cluster = await makeCluster(emulator)
  const seen: GatewayEvent[] = []
  const recorded = recordClient(cluster, path, seen)
  await cluster.up()
  const { events } = await emulator.blast(emulator.prepare({ count: 300, profile: 'A' }))
  emulator.dispatch('USER_UPDATE', { nonce: 'the last one', text: 'ä€🙂\n"' })
  await emulator.blast(emulator.prepare({ count: 10 }))
  const wanted = (): number =>
    emulator.report().sessions.reduce((sum, { lastSequence }) => sum + lastSequence, 0) - 2
  while (seen.length < wanted()) await new Promise(setImmediate)
  await cluster.down()
  await recorded
  expect(seen.length).toBeGreaterThan(events)

  const other = await startEmulator({ shards: 2, world: { guilds: 0 } })
  const otherCluster = await makeCluster(other)
  const reader = new Reader(otherCluster)
  await otherCluster.up()
  const result = await other.replay(path, { speed: Infinity })
  expect(result).toMatchObject({ events: seen.length, deliveries: seen.length, skipped: 0, isComplete: true })
  const replayed = (): number => [0, 1].reduce((sum, id) => sum + contents(reader.events, id).length, 0)
  await reader.until(() => replayed() >= seen.length)
  for (const shardId of [0, 1]) {
    const expected = contents(seen, shardId)
    expect(expected.length).toBeGreaterThan(50)
    expect(contents(reader.events, shardId)).toEqual(expected)
  }
})
