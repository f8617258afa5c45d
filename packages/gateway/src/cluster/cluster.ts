import { ClosedError, ConfigError, FatalCloseError, GatewayError } from '../errors.ts'
import { fetchGatewayBot, type GatewayBot } from '../http/gateway-bot.ts'
import type { GatewayCommand } from '../protocol/commands.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import { InMemoryIdentifyQueue } from '../queue/in-memory-identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import { ByteBudget } from '../shard/byte-budget.ts'
import { EventMerge } from '../shard/event-merge.ts'
import { EventOutlet } from '../shard/event-outlet.ts'
import type { GatewayEvent } from '../shard/event.ts'
import type { EventSource, Listener, ListenerMap } from '../shard/listeners.ts'
import type { ShardInfo } from '../shard/shard-info.ts'
import { resolveOptions, type ResolvedOptions } from '../shard/shard-options.ts'
import { defaultGatewayUrl, Shard, type ClusterMembership } from '../shard/shard.ts'
import type { ClusterOptions } from './cluster-options.ts'
import { planShards, type ShardPlan } from './shard-plan.ts'
import { startInOrder } from './start-order.ts'

/** What `create` found out before it could make a cluster. */
interface ClusterPlan {
  readonly common: ResolvedOptions
  readonly plan: ShardPlan
  readonly gatewayUrl: string
  readonly identifyQueue: IdentifyQueue
  readonly maxConcurrency: number
}

/**
 * Many shards as one: started in identify order, their events merged fairly into one stream.
 *
 * ```ts
 * await using cluster = await Cluster.create({ token, intents: Intents.Guilds | Intents.GuildMessages })
 * void cluster.up()
 * for await (const event of cluster) console.log(event.shardId, event.type)
 * ```
 */
export class Cluster implements EventSource, AsyncIterable<GatewayEvent>, AsyncDisposable {
  readonly #shards: ReadonlyMap<number, Shard>
  readonly #sessions: readonly GatewaySession[]
  readonly #outlet = new EventOutlet(new EventMerge())
  readonly #closed = Promise.withResolvers<ClosedError>()
  readonly #atOnce: number
  /** Number of all shards of the bot, of which this cluster may run a part. */
  readonly shardCount: number
  /** Shards that may identify in each five seconds, as `/gateway/bot` grants; 1 if it was not asked. */
  readonly maxConcurrency: number
  /** Shards that have not stopped for good. */
  #running: number
  #fatal: FatalCloseError | undefined
  #isUp = false

  private constructor(
    options: ClusterOptions,
    { common, plan, gatewayUrl, identifyQueue, maxConcurrency }: ClusterPlan,
  ) {
    const membership: ClusterMembership = {
      common,
      outlet: this.#outlet,
      budget: new ByteBudget(common.highWaterBytes),
      wanted: common.eventTypes && new Set(common.eventTypes),
    }
    const { presence, ...shardOptions } = options
    this.shardCount = plan.total
    this.maxConcurrency = maxConcurrency
    // Twice the lanes: the next of each lane has its HELLO when the lane's window opens again.
    this.#atOnce = Math.max(8, 2 * maxConcurrency)
    this.#sessions = (options.sessions ?? []).filter((session) => session.shardCount === plan.total)
    this.#shards = new Map(
      plan.ids.map((id) => {
        const shardPresence = typeof presence === 'function' ? presence(id) : presence
        const session = this.#sessions.find((candidate) => candidate.shardId === id)
        const own = {
          shard: [id, plan.total] as const,
          gatewayUrl,
          identifyQueue,
          ...(shardPresence ? { presence: shardPresence } : {}),
          ...(session ? { session } : {}),
        }
        return [id, new Shard({ ...shardOptions, ...own }, membership)]
      }),
    )
    this.#running = this.#shards.size
    for (const shard of this.#shards.values()) void shard.closed.then((reason) => this.#shardClosed(reason))
  }

  /**
   * Makes a cluster. Asks `/gateway/bot` for the shard count, the URL and the identify limits, unless the options
   * give all of them. Nothing connects yet.
   * @throws ConfigError CONFIG_INVALID
   * @throws GatewayError HTTP_UNAUTHORIZED if the token is not valid, HTTP_FAILED if the API cannot be reached, ABORTED
   */
  static async create(options: ClusterOptions): Promise<Cluster> {
    const common = resolveOptions(options)
    const { shards = 'auto', apiUrl } = options
    if (shards !== 'auto') planShards(shards)
    const { token, clock, random } = common
    const ask = (signal?: AbortSignal): Promise<GatewayBot> =>
      fetchGatewayBot({ token, clock, random, ...(apiUrl ? { apiUrl } : {}), ...(signal ? { signal } : {}) })
    const isComplete =
      shards !== 'auto' && options.identifyQueue !== undefined && options.gatewayUrl !== undefined
    const bot = isComplete ? undefined : await ask(options.signal)
    const limit = bot?.sessionStartLimit
    const refetch = async (signal: AbortSignal): Promise<GatewayBot['sessionStartLimit']> =>
      (await ask(signal)).sessionStartLimit
    return new Cluster(options, {
      common,
      plan: planShards(shards === 'auto' ? (bot?.shards ?? 1) : shards),
      gatewayUrl: options.gatewayUrl ?? bot?.url ?? defaultGatewayUrl,
      identifyQueue: options.identifyQueue ?? new InMemoryIdentifyQueue({ ...limit, clock, refetch }),
      maxConcurrency: limit?.maxConcurrency ?? 1,
    })
  }

  /** The shards by id. */
  get shards(): ReadonlyMap<number, Shard> {
    return this.#shards
  }

  /** Resolves with the reason when all shards have stopped. */
  get closed(): Promise<ClosedError> {
    return this.#closed.promise
  }

  /** One shard. @throws ConfigError SHARD_UNKNOWN */
  shard(id: number): Shard {
    const shard = this.#shards.get(id)
    if (shard !== undefined) return shard
    const ids = [...this.#shards.keys()]
    throw new ConfigError(
      'SHARD_UNKNOWN',
      `this cluster runs no shard ${id}; it runs ${ids.length} from ${ids[0]} to ${ids.at(-1)} of ${this.shardCount}`,
      { context: { id } },
    )
  }

  /**
   * Starts the shards: those with a session first, which need no permit, then the others in identify order. Resolves
   * when all have been ready once; events flow from the first. You may ignore the promise: a failure also ends the
   * stream.
   * @throws FatalCloseError CLOSED_FATAL if Discord forbids going on
   * @throws ClosedError CLOSED_LOCALLY if the cluster is stopped meanwhile
   * @throws GatewayError SHARD_STATE if it is up already
   */
  up(): Promise<void> {
    if (this.#isUp) throw new GatewayError('SHARD_STATE', 'the cluster is up already')
    this.#isUp = true
    const resumed = new Set(this.#sessions.map((session) => session.shardId))
    const order = [...this.#shards.values()].toSorted(
      (a, b) => Number(resumed.has(b.id)) - Number(resumed.has(a.id)) || a.id - b.id,
    )
    const up = startInOrder(order, this.#atOnce).catch((error: unknown) => {
      // Shards that were stopped for another's sake do not know why.
      throw this.#fatal ?? error
    })
    up.catch(() => undefined)
    return up
  }

  /** Ends all sessions: the bot goes offline. Events that arrived are still delivered, then the stream ends. */
  async down(): Promise<void> {
    await Promise.all([...this.#shards.values()].map((shard) => shard.down()))
  }

  /**
   * Closes all connections and leaves the sessions to be resumed within a few minutes, by this process or another.
   * Events that you did not take are dropped here: the resumed sessions bring them again.
   */
  async downResumable(): Promise<GatewaySession[]> {
    const sessions = await Promise.all([...this.#shards.values()].map((shard) => shard.downResumable()))
    return sessions.filter((session) => session !== undefined)
  }

  /** A snapshot of every shard, by ascending id. */
  info(): ShardInfo[] {
    return [...this.#shards.values()].map((shard) => shard.info())
  }

  /** Sends a command on a shard; see `Shard.command`. @throws ConfigError SHARD_UNKNOWN */
  command(shardId: number, command: GatewayCommand): Promise<void> {
    return this.shard(shardId).command(command)
  }

  /** Sends JSON text on a shard; see `Shard.send`. @throws ConfigError SHARD_UNKNOWN */
  send(shardId: number, json: string): Promise<void> {
    return this.shard(shardId).send(json)
  }

  /** Drops a shard's connection and resumes on a new one. @throws ConfigError SHARD_UNKNOWN */
  restart(shardId: number): void {
    this.shard(shardId).restart()
  }

  on<Type extends keyof ListenerMap>(type: Type, listener: Listener<Type>): () => void {
    return this.#outlet.on(type, listener)
  }

  /**
   * The events of all shards: in order per shard, in turn between shards. Asking for the next one acknowledges the
   * last. Ends after `down`, throws the `FatalCloseError` after a fatal close.
   * @throws GatewayError SHARD_STATE if it is iterated already
   */
  [Symbol.asyncIterator](): AsyncIterator<GatewayEvent, undefined> {
    return this.#outlet.iterate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  /** A fatal code on one shard (token, intents, version, shard plan) holds for all of them. */
  #shardClosed(reason: ClosedError): void {
    this.#running -= 1
    if (reason instanceof FatalCloseError && this.#fatal === undefined) {
      this.#fatal = reason
      for (const shard of this.#shards.values()) void shard.down()
    }
    if (this.#running > 0) return
    this.#closed.resolve(this.#fatal ?? new ClosedError('CLOSED_LOCALLY', 'the cluster was stopped'))
    this.#outlet.merge.close(this.#fatal)
  }
}
