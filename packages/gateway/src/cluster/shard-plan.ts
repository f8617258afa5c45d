import { ConfigError } from '../errors.ts'
import { checkInteger } from '../shard/resolve-options.ts'

/**
 * Which shards this cluster runs:
 * - `'auto'`: all of the number that Discord recommends in `/gateway/bot`;
 * - a number: all of so many;
 * - a range: the ids `from` to `to`, both included, of `total`;
 * - a bucket: the `bucket`-th (from 0) of `buckets` runs of consecutive ids of `total`, as even as they can be
 *   (the first `total % buckets` are one longer). One bucket a process spreads a bot over processes.
 */
export type ShardScheme =
  | 'auto'
  | number
  | { readonly from: number; readonly to: number; readonly total: number }
  | { readonly bucket: number; readonly buckets: number; readonly total: number }

/** The shard ids of a scheme, ascending, and the number of all shards of the bot. */
export interface ShardPlan {
  readonly ids: readonly number[]
  readonly total: number
}

const mostShards = 2 ** 20

/** @throws ConfigError CONFIG_INVALID */
export function planShards(scheme: Exclude<ShardScheme, 'auto'>): ShardPlan {
  if (typeof scheme === 'number') {
    checkInteger('shards', scheme, 1, mostShards, `'auto', a scheme, or a count from 1 to ${mostShards}`)
    return { ids: range(0, scheme), total: scheme }
  }
  if (typeof scheme !== 'object' || scheme === null) {
    throw ConfigError.option(
      'shards',
      scheme,
      "'auto', a count, { from, to, total } or { bucket, buckets, total }",
    )
  }
  const { total } = scheme
  checkInteger('shards.total', total, 1, mostShards)
  if ('bucket' in scheme) {
    const { bucket, buckets } = scheme
    checkInteger('shards.buckets', buckets, 1, total, `from 1 to the ${total} shards that there are to share`)
    checkInteger('shards.bucket', bucket, 0, buckets - 1, `below shards.buckets, which is ${buckets}`)
    const size = Math.floor(total / buckets)
    const longer = total % buckets
    const first = bucket * size + Math.min(bucket, longer)
    return { ids: range(first, first + size + (bucket < longer ? 1 : 0)), total }
  }
  checkInteger('shards.to', scheme.to, 0, total - 1, `a shard id below shards.total, which is ${total}`)
  checkInteger(
    'shards.from',
    scheme.from,
    0,
    scheme.to,
    `a shard id not above shards.to, which is ${scheme.to}`,
  )
  return { ids: range(scheme.from, scheme.to + 1), total }
}

function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, index) => from + index)
}
