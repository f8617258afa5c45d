import type { Emulator } from 'twilight-emulator'

const everyMs = 2_000

/** Breaks one shard's connection after the other, each time in another way; returns how to end that. */
export function startFaults(emulator: Emulator, shardCount: number): () => void {
  let count = 0
  const timer = setInterval(() => {
    const shard = emulator.shard(count % shardCount)
    const faults = [
      () => shard.drop(),
      () => shard.reconnect(),
      () => shard.reset(),
      () => shard.corruptNext(),
      () => shard.close(4000),
      () => shard.invalidateSession(true),
    ]
    faults[count % faults.length]?.()
    count += 1
  }, everyMs)
  return () => clearInterval(timer)
}
