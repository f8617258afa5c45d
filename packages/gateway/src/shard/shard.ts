import { ConfigError, GatewayError, type ClosedError } from '../errors.ts'
import type { GatewayCommand, PresenceUpdate } from '../protocol/commands.ts'
import { Opcode } from '../protocol/opcodes.ts'
import { InMemoryIdentifyQueue } from '../queue/in-memory-identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { ByteBudget } from './byte-budget.ts'
import { EventMerge } from './event-merge.ts'
import { EventOutlet } from './event-outlet.ts'
import type { GatewayEvent } from './event.ts'
import type { EventSource, Listener, ListenerMap } from './listeners.ts'
import { eventBudget, runnerFactory } from './thread/thread-pool.ts'
import type { ShardInfo } from './shard-info.ts'
import type { EventSink, ShardRunner, ShardRunnerOptions } from './shard-runner.ts'
import {
  requestChannelInfo,
  requestSoundboardSounds,
  type ChannelInfo,
  type ChannelInfoField,
  type SoundboardSounds,
} from './request/guild-reply.ts'
import {
  requestMembers,
  type MemberChunk,
  type MemberRequest,
  type MemberRequestOptions,
} from './request/member-request.ts'
import type { RequestOptions } from './request/request-options.ts'
import {
  joinVoice,
  voiceCommand,
  type VoiceCredentials,
  type VoiceStateUpdate,
} from './request/voice-request.ts'
import { createKeeper, type KeptShard, type SessionKeeper } from './session-keeper.ts'
import { checkShard, resolveOptions, type ResolvedOptions } from './resolve-options.ts'
import type { ShardOptions } from './shard-options.ts'

/** What the shards of a cluster share. @internal */
export interface ClusterMembership {
  readonly common: ResolvedOptions
  readonly source: Pick<EventOutlet, 'on' | 'listeners'>
  readonly sink: EventSink
  readonly budget: ByteBudget
  readonly wanted: ReadonlySet<string> | undefined
  /** What keeps the sessions in a store, if there is one. */
  readonly keeper?: SessionKeeper | undefined
  /** Whether shards begin with what the store has of them. */
  readonly restores: boolean
  readonly createRunner: (options: ShardRunnerOptions) => ShardRunner
}

/** Discord's own gateway, when nobody says otherwise. */
export const defaultGatewayUrl = 'wss://gateway.discord.gg'

/**
 * One session with Discord's gateway, kept alive: it connects, identifies, beats, resumes and reconnects by
 * itself, and hands out events through `for await` or `on`.
 *
 * ```ts
 * const shard = new Shard({ token, intents: Intents.GuildMessages })
 * await shard.start()
 * for await (const event of shard) {
 *   if (event.type === 'MESSAGE_CREATE') console.log(event.data.content)
 * }
 * ```
 */
export class Shard implements EventSource, AsyncIterable<GatewayEvent>, AsyncDisposable {
  readonly id: number
  readonly shardCount: number
  readonly #common: ResolvedOptions
  readonly #runner: ShardRunner
  readonly #source: Pick<EventOutlet, 'on' | 'listeners'>
  /** The stream of a shard that stands alone; those of a cluster share the cluster's. */
  readonly #outlet: EventOutlet | undefined
  readonly #session: GatewaySession | undefined
  readonly #keeper: SessionKeeper | undefined
  readonly #kept: KeptShard
  readonly #restores: boolean
  #restored: Promise<GatewaySession | undefined> | undefined
  #isStarted = false

  /** @throws ConfigError CONFIG_INVALID */
  constructor(options: ShardOptions, membership?: ClusterMembership) {
    const common = membership?.common ?? resolveOptions(options)
    const shard = options.shard ?? [0, 1]
    checkShard(shard)
    const gatewayUrl = options.gatewayUrl ?? defaultGatewayUrl
    if (!/^wss?:/.test(URL.parse(gatewayUrl)?.protocol ?? '')) {
      throw ConfigError.option('gatewayUrl', gatewayUrl, 'a ws:// or wss:// URL')
    }
    const [id, shardCount] = shard
    checkSession(options.session, id, shardCount)
    this.id = id
    this.shardCount = shardCount
    this.#common = common
    this.#session = options.session
    const outlet = new EventOutlet(new EventMerge())
    this.#outlet = membership ? undefined : outlet
    this.#source = membership?.source ?? outlet
    const { clock } = common
    const createRunner = membership?.createRunner ?? runnerFactory(options, common)
    this.#runner = createRunner({
      id,
      shardCount,
      common,
      gatewayUrl,
      presence: options.presence,
      identifyQueue: options.identifyQueue ?? new InMemoryIdentifyQueue({ clock }),
      sink: membership?.sink ?? outlet,
      budget: membership?.budget ?? eventBudget(options, common),
      wanted: membership ? membership.wanted : common.eventTypes && new Set(common.eventTypes),
    })
    const runner = this.#runner
    this.#keeper = membership ? membership.keeper : createKeeper(common)
    this.#restores = membership?.restores ?? true
    this.#kept = {
      id,
      shardCount,
      closed: runner.closed,
      resumable: () => runner.resumable(),
      failed: (failure) => runner.lifecycle('SHARD_SESSION_STORE_ERROR', failure),
    }
    if (membership === undefined) {
      void this.closed.then((reason) =>
        outlet.merge.close(reason.code === 'CLOSED_LOCALLY' ? undefined : reason),
      )
    }
  }

  /** Resolves with the reason when the shard has stopped for good: ours, or a `FatalCloseError`. */
  get closed(): Promise<ClosedError> {
    return this.#runner.closed
  }

  /**
   * Connects. Resolves at READY, or at RESUMED if a session was given; problems on the way are retried.
   * @throws FatalCloseError CLOSED_FATAL if Discord forbids going on (a bad token, disallowed intents, …)
   * @throws ClosedError CLOSED_LOCALLY if the shard is stopped meanwhile
   * @throws GatewayError SHARD_STATE if it was started before
   */
  start(): Promise<void> {
    if (this.#isStarted) {
      throw new GatewayError('SHARD_STATE', `shard ${this.id} was started before; make a new Shard instead`)
    }
    this.#isStarted = true
    if (this.#keeper !== undefined) return this.#startKept(this.#keeper)
    this.#runner.start(this.#session)
    return this.#runner.ready
  }

  /** The session to start with: the one given, else that of the session store, asked once. @internal */
  restore(): Promise<GatewaySession | undefined> {
    this.#restored ??=
      this.#session === undefined && this.#restores && this.#keeper
        ? this.#keeper.load(this.#kept)
        : Promise.resolve(this.#session)
    return this.#restored
  }

  /** Ends the session: the bot goes offline. Events that arrived are still delivered, then the stream ends. */
  async down(): Promise<void> {
    await this.#runner.stop('end')
    await this.#keeper?.settled(this.#kept)
  }

  /**
   * Closes the connection and leaves the session to be resumed, by this process or another, within a few
   * minutes. Events that you did not take are dropped here: the resumed session brings them again.
   * @returns the session, or `undefined` if there is none
   */
  async downResumable(): Promise<GatewaySession | undefined> {
    await this.#runner.stop('resumable')
    await this.#keeper?.settled(this.#kept)
    return this.session
  }

  /** The session with the sequence of the last event that you acknowledged; store it to resume after a crash. */
  get session(): GatewaySession | undefined {
    // One that was given and never begun waits at Discord as it did before.
    return this.#isStarted ? this.#runner.resumable() : this.#session
  }

  /** Drops the connection and resumes on a new one. */
  restart(): void {
    this.#runner.restart()
  }

  /**
   * Sends a command as soon as the session is live and the limits allow; it survives reconnects. Of presence
   * updates that wait, only the newest is sent. The promise resolves when the command was written; you may
   * ignore it.
   * @throws CommandError COMMAND_INVALID, COMMAND_TOO_LARGE, COMMAND_QUEUE_FULL, at once
   * @throws ConfigError CONFIG_INVALID, at once, for a presence that IDENTIFY could not carry
   * @throws ClosedError if the shard stops before the command is sent
   */
  command(command: GatewayCommand): Promise<void> {
    return this.#runner.command(command)
  }

  /** Like `command`, for a payload given as JSON text, with an opcode that this version need not know. */
  send(json: string): Promise<void> {
    return this.#runner.command(json)
  }

  /**
   * Asks for members of a guild of this shard; the chunks come as they arrive. Nothing is sent before the first is asked
   * for. See `MemberRequest` for what can be asked; a resume does not disturb it, and it always ends.
   * @throws CommandError COMMAND_INVALID for what Discord would leave unanswered. While iterating: TimeoutError
   *   TIMEOUT_REPLY, GatewayError REQUEST_RATE_LIMITED or ABORTED, ClosedError
   */
  requestGuildMembers(
    request: MemberRequest,
    options?: MemberRequestOptions,
  ): AsyncIterableIterator<MemberChunk, undefined> {
    return requestMembers(this.#runner, this.#common, request, options)
  }

  /**
   * Asks for the soundboard sounds of guilds of this shard; each guild answers once.
   * @throws CommandError COMMAND_INVALID. While iterating as `requestGuildMembers`
   */
  requestSoundboardSounds(
    guildIds: readonly string[],
    options?: RequestOptions,
  ): AsyncIterableIterator<SoundboardSounds, undefined> {
    return requestSoundboardSounds(this.#runner, this.#common.clock, guildIds, options)
  }

  /** Asks for status or voice start time of a guild's channels. Rejects as `requestGuildMembers` does. */
  requestChannelInfo(
    guildId: string,
    fields: readonly ChannelInfoField[],
    options?: RequestOptions,
  ): Promise<ChannelInfo> {
    return requestChannelInfo(this.#runner, this.#common.clock, guildId, fields, options)
  }

  /** Joins, moves in or (with a `channelId` of null) leaves voice in a guild of this shard. Resolves when it is sent. */
  updateVoiceState(update: VoiceStateUpdate): Promise<void> {
    return this.command(voiceCommand(update))
  }

  /**
   * Joins a voice channel and resolves with the pair of events that a voice client connects with. Discord answers a full
   * or forbidden channel with silence. Rejects as `requestGuildMembers` does.
   */
  joinVoice(
    update: VoiceStateUpdate & { readonly channelId: string },
    options?: RequestOptions,
  ): Promise<VoiceCredentials> {
    return joinVoice(this.#runner, this.#common, update, options)
  }

  /**
   * Sets the bot's presence on this shard, also for sessions to come. Of several, the newest is sent when the limit of
   * five in 20 s allows; the others reject with COMMAND_SUPERSEDED.
   */
  updatePresence(presence: PresenceUpdate): Promise<void> {
    return this.command({ op: Opcode.PresenceUpdate, d: presence })
  }

  /**
   * A snapshot of state, latency, limits and counters. With `threads` what no event tells of may be a second old; asking
   * also asks the thread, so that the next answer is newer.
   */
  info(): ShardInfo {
    return { ...this.#runner.info(), listenerErrors: this.#source.listeners.errors(this.id) }
  }

  on<Type extends keyof ListenerMap>(type: Type, listener: Listener<Type>): () => void {
    if (this.#outlet !== undefined) return this.#source.on(type, listener)
    const ofThisShard: Listener<Type> = (event) => (event.shardId === this.id ? listener(event) : undefined)
    return this.#source.on(type, ofThisShard)
  }

  /**
   * The shard's events in order. Asking for the next one acknowledges the last. Ends after `down`, throws the
   * `FatalCloseError` after a fatal close. A loop that is left may be followed by another; what comes in between waits
   * for it, unless listeners take the dispatches.
   * @throws GatewayError SHARD_STATE if it is iterated already, or belongs to a cluster
   */
  [Symbol.asyncIterator](): AsyncIterator<GatewayEvent, undefined> {
    if (this.#outlet === undefined) {
      throw new GatewayError('SHARD_STATE', 'this shard belongs to a cluster: iterate the cluster')
    }
    return this.#outlet.iterate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  #startKept(keeper: SessionKeeper): Promise<void> {
    const started = this.restore().then((session) => {
      // It may have been stopped meanwhile, and then leaves the store as it is.
      if (this.#runner.info().phase === 'idle') {
        this.#runner.start(session)
        keeper.keep(this.#kept)
      }
      return this.#runner.ready
    })
    // As that of the runner, this promise is for whoever asks.
    started.catch(() => undefined)
    return started
  }
}

function checkSession(session: GatewaySession | undefined, id: number, count: number): void {
  if (session === undefined) return
  if (typeof session.sessionId !== 'string' || !Number.isSafeInteger(session.sequence)) {
    throw ConfigError.option('session', session, 'what downResumable returned: { sessionId, sequence, … }')
  }
  if (session.shardId === id && session.shardCount === count) return
  throw ConfigError.option(
    'session',
    `a session of shard [${session.shardId}, ${session.shardCount}]`,
    `one of this shard, [${id}, ${count}]: the shard tuple is part of a session`,
  )
}
