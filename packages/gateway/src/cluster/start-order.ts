import type { Shard } from '../shard/shard.ts'

/**
 * Starts shards in the given order, `atOnce` at a time: sockets that would only wait for the identify queue are not
 * opened, and a restart of a large bot does not open all its connections in the same second.
 * @throws the first shard's failure
 */
export async function startInOrder(shards: readonly Shard[], atOnce: number): Promise<void> {
  let next = 0
  let failed = false
  const startSome = async (): Promise<void> => {
    for (;;) {
      const shard = shards[next]
      next += 1
      if (shard === undefined || failed) return
      try {
        await shard.start()
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, shards.length) }, startSome))
}
