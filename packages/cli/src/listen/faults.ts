import type { Emulator, ShardHandle } from 'twilight-emulator'

const everyMs = 2_000

/** What goes wrong, in turn; after each of them a session can go on. */
const faults: readonly { readonly name: string; readonly cause: (shard: ShardHandle) => void }[] = [
  { name: 'the connection is cut', cause: (shard) => shard.drop() },
  { name: 'the gateway asks to reconnect', cause: (shard) => shard.reconnect() },
  { name: 'the connection is reset', cause: (shard) => shard.reset() },
  { name: 'the next payload is damaged', cause: (shard) => shard.corruptNext() },
  { name: 'the gateway closes with 4000', cause: (shard) => shard.close(4000) },
  { name: 'the session is declared invalid, to be resumed', cause: (shard) => shard.invalidateSession(true) },
]

/**
 * Breaks one connection after the other, each time in another way, and tells of it. Returns how to end that; what the
 * last fault does may still be under way then.
 */
export function startFaults(
  emulator: Emulator,
  shardCount: number,
  told: (shardId: number, what: string) => void,
): () => void {
  let turn = 0
  const timer = setInterval(() => {
    const ids = Array.from({ length: shardCount }, (_, index) => (turn + index) % shardCount)
    const shardId = ids.find((id) => emulator.shard(id).connectionCount > 0)
    const fault = faults[turn % faults.length]
    if (shardId === undefined || fault === undefined) return
    turn += 1
    told(shardId, fault.name)
    fault.cause(emulator.shard(shardId))
  }, everyMs)
  return () => clearInterval(timer)
}
