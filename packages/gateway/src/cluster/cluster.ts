import type { ClosedError } from '../errors.ts'
import type { GatewayCommand, PresenceUpdate } from '../protocol/commands.ts'
import { shardIdOf } from '../protocol/shard-id.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import { EventMerge } from '../shard/event-merge.ts'
import { EventOutlet } from '../shard/event-outlet.ts'
import type { GatewayEvent } from '../shard/event.ts'
import type { EventSource, Listener, ListenerMap } from '../shard/listeners.ts'
import type { ChannelInfo, ChannelInfoField, SoundboardSounds } from '../shard/request/guild-reply.ts'
import type { MemberChunk, MemberRequest, MemberRequestOptions } from '../shard/request/member-request.ts'
import type { RequestOptions } from '../shard/request/request-options.ts'
import type { VoiceCredentials, VoiceStateUpdate } from '../shard/request/voice-request.ts'
import type { ShardInfo } from '../shard/shard-info.ts'
import type { Shard } from '../shard/shard.ts'
import type { ClusterOptions } from './cluster-options.ts'
import { planCluster, type ClusterPlan } from './cluster-plan.ts'
import type { ReshardOptions } from './reshard.ts'
import type { ShardScheme } from './shard-plan.ts'
import { ShardSets } from './shard-sets.ts'

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
  readonly #outlet = new EventOutlet(new EventMerge())
  readonly #plan: ClusterPlan
  readonly #sets: ShardSets

  private constructor(options: ClusterOptions, plan: ClusterPlan) {
    this.#plan = plan
    this.#sets = new ShardSets(options, plan, this.#outlet)
  }

  /**
   * Makes a cluster. Asks `/gateway/bot` for the shard count, the URL and the identify limits, unless the options
   * give all of them. Nothing connects yet.
   * @throws ConfigError CONFIG_INVALID
   * @throws GatewayError HTTP_UNAUTHORIZED if the token is not valid, HTTP_FAILED if the API cannot be reached, ABORTED
   */
  static async create(options: ClusterOptions): Promise<Cluster> {
    return new Cluster(options, await planCluster(options))
  }

  /** The shards by id. */
  get shards(): ReadonlyMap<number, Shard> {
    return this.#sets.current.shards
  }

  /** Shards that may identify in each five seconds, as `/gateway/bot` grants; 1 if it was not asked. */
  get maxConcurrency(): number {
    return this.#plan.maxConcurrency
  }

  /** Number of all shards of the bot, of which this cluster may run a part. */
  get shardCount(): number {
    return this.#sets.current.total
  }

  /** Resolves with the reason when all shards have stopped. */
  get closed(): Promise<ClosedError> {
    return this.#sets.closed
  }

  /** One shard. @throws ConfigError SHARD_UNKNOWN */
  shard(id: number): Shard {
    return this.#sets.current.shard(id)
  }

  /** The shard that receives the events of a guild. @throws ConfigError CONFIG_INVALID, SHARD_UNKNOWN */
  shardOf(guildId: string): Shard {
    return this.shard(shardIdOf(guildId, this.shardCount))
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
    return this.#sets.up()
  }

  /** Ends all sessions: the bot goes offline. Events that arrived are still delivered, then the stream ends. */
  down(): Promise<void> {
    return this.#sets.down()
  }

  /**
   * Closes all connections and leaves the sessions to be resumed within a few minutes, by this process or another.
   * Events that you did not take are dropped here: the resumed sessions bring them again.
   */
  downResumable(): Promise<GatewaySession[]> {
    return this.#sets.downResumable()
  }

  /** A snapshot of every shard, by ascending id. */
  info(): ShardInfo[] {
    return [...this.shards.values()].map((shard) => shard.info()).toSorted((a, b) => a.id - b.id)
  }

  /** Sends a command on a shard; see `Shard.command`. @throws ConfigError SHARD_UNKNOWN */
  command(shardId: number, command: GatewayCommand): Promise<void> {
    return this.shard(shardId).command(command)
  }

  /** Sends JSON text on a shard; see `Shard.send`. @throws ConfigError SHARD_UNKNOWN */
  send(shardId: number, json: string): Promise<void> {
    return this.shard(shardId).send(json)
  }

  /** Asks for members of a guild; see `Shard.requestGuildMembers`. */
  requestGuildMembers(
    request: MemberRequest,
    options?: MemberRequestOptions,
  ): AsyncIterableIterator<MemberChunk, undefined> {
    return this.shardOf(request.guildId).requestGuildMembers(request, options)
  }

  /** Asks for the soundboard sounds of guilds, which may belong to several shards. */
  async *requestSoundboardSounds(
    guildIds: readonly string[],
    options?: RequestOptions,
  ): AsyncGenerator<SoundboardSounds, undefined> {
    for (const [shard, ids] of Map.groupBy(guildIds, (id) => this.shardOf(id))) {
      yield* shard.requestSoundboardSounds(ids, options)
    }
    return undefined
  }

  /** Asks for status or voice start time of a guild's channels; see `Shard.requestChannelInfo`. */
  requestChannelInfo(
    guildId: string,
    fields: readonly ChannelInfoField[],
    options?: RequestOptions,
  ): Promise<ChannelInfo> {
    return this.shardOf(guildId).requestChannelInfo(guildId, fields, options)
  }

  /** Joins, moves in or leaves voice in a guild; see `Shard.updateVoiceState`. */
  updateVoiceState(update: VoiceStateUpdate): Promise<void> {
    return this.shardOf(update.guildId).updateVoiceState(update)
  }

  /** Joins a voice channel and resolves with what a voice client needs; see `Shard.joinVoice`. */
  joinVoice(
    update: VoiceStateUpdate & { readonly channelId: string },
    options?: RequestOptions,
  ): Promise<VoiceCredentials> {
    return this.shardOf(update.guildId).joinVoice(update, options)
  }

  /** Sets the presence on every shard: the same, or a function of the shard's id; see `Shard.updatePresence`. */
  async updatePresence(presence: PresenceUpdate | ((shardId: number) => PresenceUpdate)): Promise<void> {
    const of = (id: number): PresenceUpdate => (typeof presence === 'function' ? presence(id) : presence)
    await Promise.all([...this.shards.values()].map(async (shard) => shard.updatePresence(of(shard.id))))
  }

  /** Drops a shard's connection and resumes on a new one. @throws ConfigError SHARD_UNKNOWN */
  restart(shardId: number): void {
    this.shard(shardId).restart()
  }

  /**
   * Runs one more shard of the present count, for example one that another process gives up: with the session that
   * `removeShard` returned there, it goes on where it was. Resolves when it is ready; you may ignore the promise.
   * @throws ConfigError CONFIG_INVALID; GatewayError SHARD_STATE if the cluster is not up or reshards, or if the shard was
   *   removed here and still closes; FatalCloseError CLOSED_FATAL; ClosedError CLOSED_LOCALLY
   */
  addShard(id: number, session?: GatewaySession): Promise<void> {
    return this.#sets.addShard(id, session)
  }

  /**
   * Stops one shard and no longer runs it. Resolves with its session, which another process can resume within a few
   * minutes: `addShard` of its cluster takes it. Events of it that you did not take are dropped here: the resumed
   * session brings them again. A cluster without shards goes on, for others to be added, until it is stopped.
   * @throws ConfigError SHARD_UNKNOWN; GatewayError SHARD_STATE while the cluster reshards
   */
  removeShard(id: number): Promise<GatewaySession | undefined> {
    return this.#sets.removeShard(id)
  }

  /**
   * Changes the number of shards without a gap and without an event twice: the new shards start beside the old ones,
   * inside the identify budget, load their guilds, and take over; then the old ones close. Resolves when they have.
   * Without `shards` the count is what `/gateway/bot` recommends now. A cluster that runs a part of the bot's shards
   * (a range, a bucket) must be told the new part, and all of them must reshard at about the same time.
   * @throws ConfigError CONFIG_INVALID; GatewayError SHARD_STATE if the cluster is not up or reshards already,
   *   RESHARD_FAILED, ABORTED; FatalCloseError CLOSED_FATAL. The old shards then go on.
   */
  reshard(shards?: Exclude<ShardScheme, 'auto'>, options: ReshardOptions = {}): Promise<void> {
    return this.#sets.reshard(shards, options)
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
}
