import { ConfigError, GatewayError, type ClosedError } from '../errors.ts'
import type { PresenceUpdate } from '../protocol/commands.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { ShardRunner } from '../shard/shard-runner.ts'
import { Shard, type ClusterMembership } from '../shard/shard.ts'
import type { ClusterOptions } from './cluster-options.ts'
import type { ShardPlan } from './shard-plan.ts'
import { startInOrder } from './start-order.ts'

/** What a set of shards is made of. */
export interface ShardSetOptions {
  readonly plan: ShardPlan
  readonly cluster: ClusterOptions
  readonly membership: ClusterMembership
  readonly gatewayUrl: string
  readonly identifyQueue: IdentifyQueue
  /** Shards that are started at the same time. */
  readonly atOnce: number
  /** Sessions to resume; those of other shards or of another shard count are ignored. */
  readonly sessions: readonly GatewaySession[]
  /** A shard stopped for good. */
  readonly closed: (reason: ClosedError) => void
}

/** The shards of a cluster that share one shard count. Resharding runs two sets beside each other for a while. */
export class ShardSet {
  /** Number of all shards of the bot, of which this set may hold a part. */
  readonly total: number
  readonly #options: ShardSetOptions
  readonly #shards = new Map<number, Shard>()
  readonly #runners = new Map<number, ShardRunner>()
  readonly #resuming = new Set<number>()
  readonly #running = new Set<number>()
  /** Ids of shards that were taken out and have not stopped yet. */
  readonly #leaving = new Set<number>()

  constructor(options: ShardSetOptions) {
    const { plan, sessions } = options
    this.#options = options
    this.total = plan.total
    const ofThisCount = sessions.filter(({ shardCount }) => shardCount === plan.total)
    for (const id of plan.ids) {
      this.add(
        id,
        ofThisCount.find(({ shardId }) => shardId === id),
      )
    }
  }

  /** The shards by id. */
  get shards(): ReadonlyMap<number, Shard> {
    return this.#shards
  }

  /** What runs each shard. */
  get runners(): ReadonlyMap<number, ShardRunner> {
    return this.#runners
  }

  /** Whether a shard has not stopped for good. */
  get isRunning(): boolean {
    return this.#running.size > 0
  }

  /** @throws ConfigError SHARD_UNKNOWN */
  shard(id: number): Shard {
    const shard = this.#shards.get(id)
    if (shard !== undefined) return shard
    const ids = [...this.#shards.keys()].toSorted((a, b) => a - b)
    const run = ids.length === 0 ? 'none' : `${ids.length} from ${ids[0]} to ${ids.at(-1)} of ${this.total}`
    throw new ConfigError('SHARD_UNKNOWN', `this cluster runs no shard ${id}; it runs ${run}`, {
      context: { id },
    })
  }

  /**
   * Makes one more shard, not started.
   * @throws ConfigError CONFIG_INVALID; GatewayError SHARD_STATE if a shard of this id was taken out and still closes
   */
  add(id: number, session?: GatewaySession): Shard {
    const { cluster, gatewayUrl, identifyQueue, membership } = this.#options
    if (this.#shards.has(id)) throw ConfigError.option('id', id, 'the id of a shard that is not there yet')
    if (this.#leaving.has(id)) {
      throw new GatewayError('SHARD_STATE', `shard ${id} was removed and still closes: await removeShard`)
    }
    const { presence, ...common } = cluster
    const ownPresence: PresenceUpdate | undefined = typeof presence === 'function' ? presence(id) : presence
    const shard = new Shard(
      {
        ...common,
        shard: [id, this.total],
        gatewayUrl,
        identifyQueue,
        ...(ownPresence ? { presence: ownPresence } : {}),
        ...(session ? { session } : {}),
      },
      {
        ...membership,
        createRunner: (options) => {
          const runner = membership.createRunner(options)
          this.#runners.set(id, runner)
          return runner
        },
      },
    )
    this.#shards.set(id, shard)
    this.#running.add(id)
    if (session) this.#resuming.add(id)
    void this.#watch(shard)
    return shard
  }

  /** Takes a shard out, for the caller to stop; what it still does is its own affair. @throws ConfigError SHARD_UNKNOWN */
  remove(id: number): Shard {
    const shard = this.shard(id)
    this.#shards.delete(id)
    this.#runners.delete(id)
    this.#running.delete(id)
    this.#resuming.delete(id)
    this.#leaving.add(id)
    void shard.closed.then(() => this.#leaving.delete(id))
    return shard
  }

  /**
   * Starts all shards: those with a session first, which need no permit, then the others in identify order.
   * @throws FatalCloseError CLOSED_FATAL; ClosedError CLOSED_LOCALLY
   */
  async start(): Promise<void> {
    const { keeper, restores } = this.#options.membership
    if (keeper && restores) {
      const sessions = await Promise.all([...this.#shards.values()].map((shard) => shard.restore()))
      for (const session of sessions) if (session) this.#resuming.add(session.shardId)
    }
    const isFirst = (shard: Shard): number => Number(this.#resuming.has(shard.id))
    const order = [...this.#shards.values()].toSorted((a, b) => isFirst(b) - isFirst(a) || a.id - b.id)
    return startInOrder(order, this.#options.atOnce)
  }

  /** Ends all sessions. */
  async down(): Promise<void> {
    await Promise.all([...this.#shards.values()].map((shard) => shard.down()))
  }

  /** Closes all connections and leaves the sessions to be resumed. */
  async downResumable(): Promise<GatewaySession[]> {
    const sessions = await Promise.all([...this.#shards.values()].map((shard) => shard.downResumable()))
    return sessions.filter((session) => session !== undefined)
  }

  async #watch(shard: Shard): Promise<void> {
    const reason = await shard.closed
    // One that was taken out concerns nobody any more.
    if (this.#shards.get(shard.id) !== shard) return
    this.#running.delete(shard.id)
    this.#options.closed(reason)
  }
}
