import { expect, test } from 'vitest'
import type { Emulator, ShardHandle } from 'twilight-emulator'

import type { Cluster, Compression } from '../../src/index.ts'
import { expectAllOnce, makeCluster, Reader, startEmulator } from './fixture.ts'

const shards = 3
const rounds = 150

/** The same run for the same seed, as far as the machine lets it. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Whatever may happen to a shard without ending its session. */
const faults: readonly ((handle: ShardHandle, cluster: Cluster, id: number) => void)[] = [
  (handle) => handle.drop(),
  (handle) => handle.reset(),
  (handle) => handle.reconnect(),
  (handle) => handle.close(),
  (handle) => handle.close(1001),
  (handle) => handle.close(4000),
  (handle) => handle.corruptNext(),
  (handle) => handle.truncateNext(),
  (handle) => handle.requestHeartbeat(),
  (handle) => handle.splitFrames(3),
  (handle) => handle.splitFrames(1),
  (handle) => handle.sendRaw('{"t":null,"s":null,"op":77,"d":null}'),
  (_handle, cluster, id) => cluster.restart(id),
]

async function nextConnections(emulator: Emulator): Promise<void> {
  await emulator.until(() => emulator.report().sessions.every(({ connected }) => connected))
}

const cases = (['zstd-stream', 'zlib-stream', 'payload', 'none'] as const).map(
  (compression: Compression, index) => ({ compression, seed: index + 1 }),
)

test.for(cases)(
  'whatever happens to the connections, every event comes once and in order: $compression, seed $seed',
  async ({ compression, seed }) => {
    const emulator = await startEmulator({ replayCap: 20_000, seed })
    const cluster = await makeCluster(emulator, { shards, compression, random: () => 0.2 })
    const reader = new Reader(cluster)
    await cluster.up()
    const random = randomOf(seed)
    for (let round = 0; round < rounds; round += 1) {
      const id = random(shards)
      const count = random(40)
      for (let index = 0; index < count; index += 1) {
        emulator.dispatch('EVENT', { round, text: 'é🎉'.repeat(random(400)) }, { shard: random(shards) })
      }
      faults[random(faults.length)]?.(emulator.shard(id), cluster, id)
      // Sometimes the next fault hits a connection that is not back yet.
      if (random(3) > 0) await nextConnections(emulator)
      else await new Promise(setImmediate)
    }
    emulator.clearFaults()
    await nextConnections(emulator)
    await expectAllOnce(emulator, reader)
    const { identifies, violations } = emulator.report()
    expect(identifies).toHaveLength(shards)
    expect(violations).toEqual([])
    expect(cluster.info().some(({ stats }) => stats.resumes > 0)).toBe(true)
  },
)
