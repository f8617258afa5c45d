import { ClosedError, ConfigError, FatalCloseError, GatewayError } from '../errors.ts'
import { Intents } from '../protocol/intents.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import { lifecycleEvent, type EventOutlet } from '../shard/event-outlet.ts'
import { createKeeper, type SessionKeeper } from '../shard/session-keeper.ts'
import { eventBudget, runnerFactory } from '../shard/thread/thread-pool.ts'
import { AutoReshard } from './auto-reshard.ts'
import type { ClusterOptions } from './cluster-options.ts'
import type { ClusterPlan } from './cluster-plan.ts'
import { reshard, type GatedSet, type ReshardOptions } from './reshard.ts'
import { SetGate } from './set-gate.ts'
import { planShards, type ShardPlan, type ShardScheme } from './shard-plan.ts'
import { ShardSet } from './shard-set.ts'

/** The close code of a shard that would hold more than 2,500 guilds. */
const shardingRequired = 4011

/**
 * The sets of shards that a cluster has in its life, one after the other: it starts the first, replaces it when the
 * cluster reshards, and ends with the last.
 */
export class ShardSets {
  readonly #options: ClusterOptions
  readonly #plan: ClusterPlan
  readonly #outlet: EventOutlet
  readonly #closed = Promise.withResolvers<ClosedError>()
  readonly #autoReshard: AutoReshard | undefined
  readonly #keeper: SessionKeeper | undefined
  readonly #stopping = new AbortController()
  /** The current set and, while the cluster reshards, the other one. */
  readonly #alive = new Set<ShardSet>()
  #current: GatedSet
  #fatal: FatalCloseError | undefined
  #isUp = false
  /** The reshard under way. */
  #resharding: Promise<void> | undefined

  constructor(options: ClusterOptions, plan: ClusterPlan, outlet: EventOutlet) {
    this.#options = options
    this.#plan = plan
    this.#outlet = outlet
    this.#keeper = createKeeper(plan.common)
    this.#current = this.#create(plan.shards, 'open', options.sessions ?? [])
    const { autoReshard } = options
    if (autoReshard) {
      this.#autoReshard = new AutoReshard(autoReshard, plan.common.clock, async () => this.#growIfNeeded())
    }
  }

  /** The set whose events are delivered. */
  get current(): ShardSet {
    return this.#current.set
  }

  /** Resolves with the reason when all shards have stopped. */
  get closed(): Promise<ClosedError> {
    return this.#closed.promise
  }

  /** See `Cluster.up`. */
  up(): Promise<void> {
    if (this.#isUp) throw new GatewayError('SHARD_STATE', 'the cluster is up already')
    this.#isUp = true
    this.#autoReshard?.start()
    const up = this.#start().catch((error: unknown) => {
      // Shards that were stopped for another's sake do not know why.
      throw this.#fatal ?? error
    })
    up.catch(() => undefined)
    return up
  }

  /** See `Cluster.down`. */
  async down(): Promise<void> {
    this.#stop()
    await Promise.all([...this.#alive].map(async (set) => set.down()))
    this.#endIfStopped()
  }

  /** See `Cluster.downResumable`. */
  async downResumable(): Promise<GatewaySession[]> {
    this.#stop()
    const { current } = this
    const others = [...this.#alive].filter((set) => set !== current)
    const [sessions] = await Promise.all([current.downResumable(), ...others.map(async (set) => set.down())])
    this.#endIfStopped()
    return sessions
  }

  /** See `Cluster.addShard`. */
  addShard(id: number, session: GatewaySession | undefined): Promise<void> {
    this.#checkUp('name the shard in the option shards')
    this.#checkNotResharding()
    return this.current.add(id, session).start()
  }

  /** See `Cluster.removeShard`. */
  removeShard(id: number): Promise<GatewaySession | undefined> {
    this.#checkNotResharding()
    return this.current.remove(id).downResumable()
  }

  /** See `Cluster.reshard`. */
  reshard(shards: Exclude<ShardScheme, 'auto'> | undefined, options: ReshardOptions): Promise<void> {
    this.#checkUp('there is nothing to reshard')
    this.#checkNotResharding()
    if (shards !== undefined) planShards(shards)
    else if (this.#isPart) {
      throw ConfigError.option('shards', shards, 'given: this cluster runs a part of the shards of its bot')
    }
    const resharding = this.#reshard(shards, options).finally(() => (this.#resharding = undefined))
    resharding.catch(() => undefined)
    this.#resharding = resharding
    return resharding
  }

  /** Whether this cluster runs a range or a bucket of its bot's shards. */
  get #isPart(): boolean {
    return typeof this.#options.shards === 'object'
  }

  #create(plan: ShardPlan, state: 'open' | 'shut', sessions: readonly GatewaySession[]): GatedSet {
    const { common, gatewayUrl, identifyQueue, maxConcurrency } = this.#plan
    const gate = new SetGate(this.#outlet, state)
    const set = new ShardSet({
      plan,
      cluster: this.#options,
      membership: {
        common,
        source: this.#outlet,
        sink: gate,
        budget: eventBudget(this.#options, common),
        wanted: common.eventTypes && new Set(common.eventTypes),
        keeper: this.#keeper,
        // A reshard begins new sessions; what the store has of this count is old.
        restores: state === 'open',
        createRunner: runnerFactory(this.#options, common),
      },
      gatewayUrl,
      identifyQueue,
      // Twice the lanes: the next of each lane has its HELLO when the lane's window opens again.
      atOnce: Math.max(8, 2 * maxConcurrency),
      sessions,
      closed: (reason) => this.#shardClosed(set, reason),
    })
    this.#alive.add(set)
    return { set, gate }
  }

  async #start(): Promise<void> {
    try {
      await this.current.start()
    } catch (error) {
      // With `autoReshard`, a bot that needs more shards has been given them.
      if (this.#resharding === undefined) throw error
      await this.#resharding
    }
  }

  async #reshard(shards: Exclude<ShardScheme, 'auto'> | undefined, options: ReshardOptions): Promise<void> {
    const { ask, common } = this.#plan
    const signals = [this.#stopping.signal, ...(options.signal ? [options.signal] : [])]
    const signal = AbortSignal.any(signals)
    const plan = planShards(shards ?? (await ask(signal)).shards)
    const from = this.#current
    const to = this.#create(plan, 'shut', [])
    const expectsGuilds = (common.intents & Intents.Guilds) !== 0
    const switched = (): void => {
      this.#current = to
    }
    const { clock, highWaterBytes: limitBytes } = common
    try {
      await reshard({ ...options, signal, from, to, clock, expectsGuilds, limitBytes, switched })
    } finally {
      this.#alive.delete(this.#current === to ? from.set : to.set)
    }
  }

  #checkUp(advice: string): void {
    if (this.#isUp && !this.#stopping.signal.aborted) return
    throw new GatewayError('SHARD_STATE', `the cluster is not up: ${advice}`)
  }

  #checkNotResharding(): void {
    if (this.#resharding) throw new GatewayError('SHARD_STATE', 'the cluster is resharding: wait for its end')
  }

  get #autoReshardOptions(): ReshardOptions {
    const { autoReshard } = this.#options
    return typeof autoReshard === 'object' ? autoReshard : {}
  }

  async #growIfNeeded(): Promise<void> {
    try {
      const { shards } = await this.#plan.ask(this.#stopping.signal)
      const isOutgrown = shards > this.current.total && !this.#isPart
      if (isOutgrown && this.#resharding === undefined) await this.reshard(shards, this.#autoReshardOptions)
    } catch (error) {
      const [first = 0] = this.current.shards.keys()
      this.#current.gate.tell(lifecycleEvent('SHARDS_KEPT', first, { error }))
    }
  }

  /** A fatal code on one shard (token, intents, version, shard plan) holds for all of them. */
  #shardClosed(set: ShardSet, reason: ClosedError): void {
    if (set !== this.current) return
    const isOutgrown = reason instanceof FatalCloseError && reason.closeCode === shardingRequired
    if (isOutgrown && this.#autoReshard && this.#resharding === undefined) void this.#outgrown(reason)
    else if (reason instanceof FatalCloseError) this.#fail(reason)
    this.#endIfStopped()
  }

  /** Discord refuses a shard because it holds too many guilds: more shards take over. */
  async #outgrown(reason: FatalCloseError): Promise<void> {
    try {
      await this.reshard(undefined, this.#autoReshardOptions)
    } catch {
      this.#fail(reason)
      this.#endIfStopped()
    }
  }

  #fail(reason: FatalCloseError): void {
    if (this.#fatal !== undefined) return
    this.#fatal = reason
    this.#stop()
    for (const set of this.#alive) void set.down()
  }

  #stop(): void {
    this.#autoReshard?.stop()
    this.#stopping.abort()
  }

  #endIfStopped(): void {
    const isGrowing = this.#resharding !== undefined && !this.#stopping.signal.aborted
    if (this.current.isRunning || isGrowing) return
    this.#closed.resolve(this.#fatal ?? new ClosedError('CLOSED_LOCALLY', 'the cluster was stopped'))
    this.#outlet.merge.close(this.#fatal)
  }
}
