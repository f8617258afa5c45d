import { availableParallelism } from 'node:os'

import { ConfigError } from '../../errors.ts'
import { ByteBudget } from '../byte-budget.ts'
import { checkInteger, type ResolvedOptions } from '../resolve-options.ts'
import type { CommonOptions, Threads } from '../shard-options.ts'
import { ShardDriver } from '../shard-driver.ts'
import type { ShardRunner, ShardRunnerOptions } from '../shard-runner.ts'
import { threadData } from './thread-data.ts'
import { ThreadLink } from './thread-link.ts'

const mostThreads = 1_024

/**
 * What runs shards of these options: drivers in this thread, or as many threads as `threads` says.
 * @throws ConfigError CONFIG_INVALID
 */
export function runnerFactory(
  options: CommonOptions,
  common: ResolvedOptions,
): (options: ShardRunnerOptions) => ShardRunner {
  const { threads = 0 } = options
  return threads === 0 ? (own) => new ShardDriver(own) : new ThreadPool(threads, options, common).createRunner
}

/** What the events that wait in this thread may take: all that is allowed, or half of it if some wait in others too. */
export function eventBudget({ threads = 0 }: CommonOptions, { highWaterBytes }: ResolvedOptions): ByteBudget {
  return new ByteBudget(threads === 0 ? highWaterBytes : Math.ceil(highWaterBytes / 2))
}

/** Spreads shards over threads. */
export class ThreadPool {
  readonly #links: readonly ThreadLink[]

  /** @throws ConfigError CONFIG_INVALID */
  constructor(threads: Threads, options: CommonOptions, common: ResolvedOptions) {
    const count = threadCount(threads)
    const data = threadData(options, common, count)
    const { clock, random } = common
    this.#links = Array.from({ length: count }, () => new ThreadLink({ data, clock, random }))
  }

  /** Neighbours by id go to different threads: they start together, and would also load one thread together. */
  readonly createRunner = (options: ShardRunnerOptions): ShardRunner => {
    const link = this.#links[options.id % this.#links.length]
    if (link === undefined) throw new RangeError('a pool has a thread at least')
    return link.create(options)
  }
}

function threadCount(threads: Threads): number {
  // One core is left to the handlers.
  if (threads === 'auto') return Math.max(1, availableParallelism() - 1)
  if (typeof threads !== 'number') throw ConfigError.option('threads', threads, "a number, or 'auto'")
  checkInteger('threads', threads, 1, mostThreads, `'auto', or a number from 0 to ${mostThreads}`)
  return threads
}
