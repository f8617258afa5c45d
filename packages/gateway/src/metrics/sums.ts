import type { ShardInfo } from '../shard/shard-info.ts'

type Shards = readonly ShardInfo[]

/** The sum of a number over shards. */
export function sum(shards: Shards, valueOf: (shard: ShardInfo) => number): number {
  let total = 0
  for (const shard of shards) total += valueOf(shard)
  return total
}

/** The sums of numbers over shards, each by its key. */
export function sumByKey(
  shards: Shards,
  valuesOf: (shard: ShardInfo) => Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const totals = new Map<string, number>()
  for (const shard of shards) {
    for (const [key, value] of Object.entries(valuesOf(shard)))
      totals.set(key, (totals.get(key) ?? 0) + value)
  }
  return Object.fromEntries(totals)
}

/** The values of those shards that have a finite one. */
export function values(shards: Shards, valueOf: (shard: ShardInfo) => number | undefined): readonly number[] {
  const found = shards.map(valueOf).filter((value) => value !== undefined)
  return found.filter((value) => Number.isFinite(value))
}

/** `undefined` of none, as those that follow. */
export function mean(of: readonly number[]): number | undefined {
  return ratio(
    of.reduce((total, value) => total + value, 0),
    of.length,
  )
}

// Not by spreading into Math.min, which fails for very many.
export function least(of: readonly number[]): number | undefined {
  return of.length === 0 ? undefined : of.reduce((a, b) => Math.min(a, b))
}

export function greatest(of: readonly number[]): number | undefined {
  return of.length === 0 ? undefined : of.reduce((a, b) => Math.max(a, b))
}

/** `undefined` if the whole is nothing. */
export function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole
}

/** Milliseconds in seconds. */
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000
}
