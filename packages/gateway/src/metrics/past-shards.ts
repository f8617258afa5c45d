import type { ShardInfo } from '../shard/shard-info.ts'
import { instruments } from './instruments.ts'

/**
 * Keeps sums over shards growing: the counts of a shard that has gone, or that began anew under the same id, are added to
 * those of the others as they were last read. Without it a sum would drop when a cluster changes its shards.
 */
export class PastShards {
  #last: ReadonlyMap<string, ShardInfo> = new Map()
  readonly #totals = new Map<string, number>()

  /** Looks at all shards; call it before each reading. */
  update(shards: readonly ShardInfo[]): void {
    const next = new Map(shards.map((shard) => [`${shard.id}/${shard.shardCount}`, shard]))
    for (const [key, shard] of this.#last) {
      const successor = next.get(key)
      if (successor === undefined || isAnew(successor, shard)) this.#retire(shard)
    }
    this.#last = next
  }

  /** What shards of the past counted, for an instrument or one of its groups. */
  total(name: string, group = ''): number {
    return this.#totals.get(keyOf(name, group)) ?? 0
  }

  #retire(shard: ShardInfo): void {
    for (const { name, kind, read } of instruments) {
      if (kind !== 'counter') continue
      const value = read([shard])
      const groups = typeof value === 'object' ? Object.entries(value) : [['', value ?? 0] as const]
      for (const [group, count] of groups) {
        this.#totals.set(keyOf(name, group), this.total(name, group) + count)
      }
    }
  }
}

function isAnew({ stats }: ShardInfo, { stats: before }: ShardInfo): boolean {
  return stats.connects < before.connects || stats.receivedBytes < before.receivedBytes
}

function keyOf(name: string, group: string): string {
  return `${name} ${group}`
}
