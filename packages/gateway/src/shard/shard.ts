import { ConfigError, GatewayError, type ClosedError } from '../errors.ts'
import type { GatewayCommand } from '../protocol/commands.ts'
import { InMemoryIdentifyQueue } from '../queue/in-memory-identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import { ByteBudget } from './byte-budget.ts'
import { EventMerge } from './event-merge.ts'
import { EventOutlet } from './event-outlet.ts'
import type { GatewayEvent } from './event.ts'
import type { EventSource, Listener, ListenerMap } from './listeners.ts'
import { ShardDriver } from './shard-driver.ts'
import type { ShardInfo } from './shard-info.ts'
import { checkShard, resolveOptions, type ResolvedOptions, type ShardOptions } from './shard-options.ts'

/** What the shards of a cluster share. @internal */
export interface ClusterMembership {
  readonly common: ResolvedOptions
  readonly outlet: EventOutlet
  readonly budget: ByteBudget
  readonly wanted: ReadonlySet<string> | undefined
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
  readonly #driver: ShardDriver
  readonly #outlet: EventOutlet
  readonly #session: GatewaySession | undefined
  readonly #isMember: boolean
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
    this.#session = options.session
    this.#isMember = membership !== undefined
    this.#outlet = membership?.outlet ?? new EventOutlet(new EventMerge())
    const { clock } = common
    this.#driver = new ShardDriver({
      id,
      shardCount,
      common,
      gatewayUrl,
      presence: options.presence,
      identifyQueue: options.identifyQueue ?? new InMemoryIdentifyQueue({ clock }),
      outlet: this.#outlet,
      budget: membership?.budget ?? new ByteBudget(common.highWaterBytes),
      wanted: membership ? membership.wanted : common.eventTypes && new Set(common.eventTypes),
    })
    if (membership === undefined) {
      void this.closed.then((reason) =>
        this.#outlet.merge.close(reason.code === 'CLOSED_LOCALLY' ? undefined : reason),
      )
    }
  }

  /** Resolves with the reason when the shard has stopped for good: ours, or a `FatalCloseError`. */
  get closed(): Promise<ClosedError> {
    return this.#driver.closed.promise
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
    this.#driver.session.start(this.#session)
    return this.#driver.ready.promise
  }

  /** Ends the session: the bot goes offline. Events that arrived are still delivered, then the stream ends. */
  down(): Promise<void> {
    return this.#driver.stop('end')
  }

  /**
   * Closes the connection and leaves the session to be resumed, by this process or another, within a few
   * minutes. Events that you did not take are dropped here: the resumed session brings them again.
   * @returns the session, or `undefined` if there is none
   */
  async downResumable(): Promise<GatewaySession | undefined> {
    await this.#driver.stop('resumable')
    return this.session
  }

  /** The session with the sequence of the last event that you acknowledged; store it to resume after a crash. */
  get session(): GatewaySession | undefined {
    // One that was given and never begun waits at Discord as it did before.
    return this.#isStarted ? this.#driver.resumable() : this.#session
  }

  /** Drops the connection and resumes on a new one. */
  restart(): void {
    this.#driver.session.restart()
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
    return this.#driver.command(command)
  }

  /** Like `command`, for a payload given as JSON text, with an opcode that this version need not know. */
  send(json: string): Promise<void> {
    return this.#driver.command(json)
  }

  /** A snapshot of state, latency, limits and counters. */
  info(): ShardInfo {
    return this.#driver.info()
  }

  on<Type extends keyof ListenerMap>(type: Type, listener: Listener<Type>): () => void {
    if (!this.#isMember) return this.#outlet.on(type, listener)
    const ofThisShard: Listener<Type> = (event) => (event.shardId === this.id ? listener(event) : undefined)
    return this.#outlet.on(type, ofThisShard)
  }

  /**
   * The shard's events in order. Asking for the next one acknowledges the last. Ends after `down`, throws the
   * `FatalCloseError` after a fatal close. A loop that is left may be followed by another; what comes in between waits
   * for it, unless listeners take the dispatches.
   * @throws GatewayError SHARD_STATE if it is iterated already, or belongs to a cluster
   */
  [Symbol.asyncIterator](): AsyncIterator<GatewayEvent, undefined> {
    if (this.#isMember) {
      throw new GatewayError('SHARD_STATE', 'this shard belongs to a cluster: iterate the cluster')
    }
    return this.#outlet.iterate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
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
