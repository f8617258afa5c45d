import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

import { Batch } from './blast/batch.ts'
import type { PrepareOptions } from './blast/batch.ts'
import { blast } from './blast/blast.ts'
import type { BlastOptions, BlastResult } from './blast/blast.ts'
import type { Bot } from './bot/bot.ts'
import { ControlRouter } from './control/control-router.ts'
import { controlPath } from './control/route.ts'
import type { Outage } from './fault/fault-plan.ts'
import { ShardHandle } from './fault/shard-handle.ts'
import { Gateway } from './gateway.ts'
import type { DispatchTarget } from './gateway.ts'
import type { EmulatorOptions } from './options.ts'
import { Recording } from './recording/recording.ts'
import type { RecordOptions } from './recording/recording.ts'
import { replay } from './recording/replay.ts'
import type { RecordingSource, ReplayOptions, ReplayResult } from './recording/replay.ts'
import type { EmulatorReport } from './report/report.ts'
import type { SignalName, Signals, WaitOptions } from './report/signal.ts'
import { RestRouter } from './rest/router.ts'
import { Listener } from './server/listener.ts'
import { Upgrader } from './server/upgrade.ts'
import { resolveOptions } from './settings.ts'
import { TrafficDriver } from './traffic-driver.ts'
import type { World } from './traffic/world.ts'

/** How long `stop` waits for streams that were given to take what was recorded. */
const flushMs = 1000

/** A bot as callers see it. */
export interface BotAccount {
  readonly token: string
  readonly world: World
  /** Ids of its guilds. */
  readonly guildIds: readonly string[]
}

/** Discord's side of the gateway on loopback: REST, two WebSocket listeners, sessions, faults and a report. */
export class Emulator implements AsyncDisposable {
  /** Faults for every shard, and for sockets that have not named theirs. */
  readonly all: ShardHandle
  /** Background events. */
  readonly traffic: TrafficDriver
  readonly #gateway: Gateway
  readonly #bootstrap: Listener
  readonly #resume: Listener
  readonly #secure: boolean
  readonly #stopping = new AbortController()

  private constructor(options: EmulatorOptions) {
    const settings = resolveOptions(options)
    this.#gateway = new Gateway(settings)
    this.#secure = settings.tls !== undefined
    const router = new RestRouter(this.#gateway, () => this.url)
    const control = settings.control ? new ControlRouter(this) : undefined
    const upgrader = new Upgrader(this.#gateway)
    this.#bootstrap = new Listener(
      settings,
      (request, response) =>
        void (control?.owns(request) === true ? control : router).handle(request, response),
      (request, socket, head) => upgrader.handle('bootstrap', request, socket, head),
    )
    this.#resume = new Listener(
      settings,
      (_request, response) => response.writeHead(404).end(),
      (request, socket, head) => upgrader.handle('resume', request, socket, head),
    )
    this.all = new ShardHandle(this.#gateway, null)
    this.traffic = new TrafficDriver(this.#gateway)
  }

  /**
   * Listens and resolves when clients can connect.
   * @throws RangeError that names the option that is out of range, TypeError for `tls` that is no certificate
   * and key, and Node's error when a port is taken.
   */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = new Emulator(options)
    const { port, resumePort } = emulator.#gateway.settings
    try {
      await emulator.#bootstrap.open(port)
      await emulator.#resume.open(resumePort)
      if (options.traffic !== undefined) emulator.traffic.start(options.traffic)
    } catch (error) {
      await emulator.stop()
      throw error
    }
    emulator.#gateway.resumeUrl = emulator.resumeUrl
    return emulator
  }

  /** The bootstrap gateway URL, as `/gateway` and `/gateway/bot` give it. */
  get url(): string {
    return `${this.#secure ? 'wss' : 'ws'}://${this.#bootstrap.authority}`
  }

  /** The base of REST routes, with version. */
  get apiUrl(): string {
    return `${this.#secure ? 'https' : 'http'}://${this.#bootstrap.authority}/api/v10`
  }

  /** What READY gives as `resume_gateway_url`: another port than {@link Emulator.url}. */
  get resumeUrl(): string {
    return `${this.#secure ? 'wss' : 'ws'}://${this.#resume.authority}`
  }

  /**
   * The base of the HTTP control, for tests in any language: what this class does, over HTTP. Undefined when it is
   * switched off.
   */
  get controlUrl(): string | undefined {
    if (!this.#gateway.settings.control) return undefined
    return `${this.#secure ? 'https' : 'http'}://${this.#bootstrap.authority}${controlPath}`
  }

  /** The first bot's token. */
  get token(): string {
    return this.#bot(0).token
  }

  /** The first bot's data. */
  get world(): World {
    return this.#bot(0).world
  }

  get bots(): readonly BotAccount[] {
    return this.#gateway.bots.map(({ token, world }) => ({ token, world, guildIds: world.guildIds }))
  }

  /**
   * Sends an event to the shard of its guild (`d.guild_id`, or `d.id` for GUILD_*), without one to shard 0, if
   * the session's intents let it through. Returns how many sessions got it; those without a socket get it at
   * their resume.
   * @throws RangeError for a guild id that is no snowflake.
   */
  dispatch(type: string, data: unknown, target?: DispatchTarget): number {
    return this.#gateway.deliver(type, data, target)
  }

  /**
   * Somebody writes a message: a MESSAGE_CREATE with all that Discord's have. Default channel: the first text channel
   * that the bot can view, or its direct channel if it is in no guild. Returns how many sessions got it.
   * @throws RangeError for a channel that is not in the bot's world.
   */
  say(
    content: string,
    { channelId, bot = 0 }: { readonly channelId?: string; readonly bot?: number } = {},
  ): number {
    const account = this.#bot(bot)
    const message = account.world.message(channelId ?? account.textChannelId, { content })
    return this.#gateway.deliver('MESSAGE_CREATE', message, { bot })
  }

  /** Faults for one shard. */
  shard(id: number): ShardHandle {
    return new ShardHandle(this.#gateway, id)
  }

  /**
   * An outage of the whole gateway (rule E40): upgrades get 503, identify and resume on open sockets get op 9,
   * beats are still acknowledged. `false` ends it.
   */
  outage(outage: Outage | boolean): void {
    const standard = { upgradeStatus: 503 }
    this.#gateway.faults.outage = outage === false ? undefined : outage === true ? standard : outage
  }

  /** READY names a `resume_gateway_url` where nothing listens; `closeListener` also kills the real one for good. */
  deadResumeHost({ on = true, closeListener = false } = {}): void {
    this.#gateway.faults.deadResumeHost = on
    if (closeListener) this.#resume.stopListening()
  }

  /** Lifts all lasting faults, outage included; frozen sockets stay frozen until `thaw`. */
  clearFaults(): void {
    this.#gateway.faults.clear()
    for (const connection of this.#gateway.connections) connection.refreshFaults()
  }

  /** Lets a bot view a hidden channel: CHANNEL_UPDATE with the full object; `false` hides it again (rule E42). */
  grantChannel(channelId: string, { granted = true, bot = 0 } = {}): number {
    const account = this.#bot(bot)
    const guildId = account.world.guildOfChannel(channelId)
    if (guildId === undefined) return 0
    account.setChannelHidden(channelId, !granted)
    const channel = account.world.guildCreate(guildId).channels.find(({ id }) => id === channelId)
    const data = { ...channel, id: channelId, guild_id: guildId }
    return this.#gateway.deliver('CHANNEL_UPDATE', data, { bot })
  }

  /** Makes events ahead, for {@link Emulator.blast}. */
  prepare(options: PrepareOptions): Batch {
    const { bot = 0, seed = this.#gateway.settings.seed } = options
    return Batch.prepare(this.#bot(bot).world, { ...options, bot, seed })
  }

  /** Sends prepared events as fast as the clients read them. */
  async blast(batch: Batch, options?: BlastOptions): Promise<BlastResult> {
    return blast(this.#gateway, batch, options)
  }

  /**
   * Records every dispatch of a bot's sessions, from now until {@link Recording.stop}: into a file, or into a stream,
   * which stays open. The README describes the format.
   * @throws Node's error for a file that cannot be written.
   */
  async record(target: string | URL | Writable, { bot = 0 }: RecordOptions = {}): Promise<Recording> {
    return Recording.start(this.#gateway, this.#bot(bot), target)
  }

  /**
   * Sends a recording again, in its order and timing, and resolves with the counts at its end, or when the emulator or
   * the signal stops it. The recording is read while it is sent, and no faster than the slowest client takes it.
   * @throws RangeError for an option out of range, SyntaxError that names the line for what is no recording, and the
   * error of a source that cannot be read.
   */
  async replay(source: RecordingSource, options: ReplayOptions = {}): Promise<ReplayResult> {
    return replay(this.#gateway, source, options, this.#stopping.signal)
  }

  /** Everything seen and done until now. */
  report(): EmulatorReport {
    return this.#gateway.recorder.report(this.#gateway.sessions())
  }

  /** Calls `listener` on each such signal; the returned function ends that. */
  on<Name extends SignalName>(name: Name, listener: (value: Signals[Name]) => void): () => void {
    return this.#gateway.signals.on(name, listener)
  }

  /** The next signal that fits; rejects after `timeoutMs` of real time. */
  async waitFor<Name extends SignalName>(
    name: Name,
    fits?: (value: Signals[Name]) => boolean,
    options?: WaitOptions,
  ): Promise<Signals[Name]> {
    return this.#gateway.signals.waitFor(name, fits, options)
  }

  /** Resolves once `condition` holds; it is asked now and after everything that happens. */
  async until(condition: (emulator: this) => boolean, options?: WaitOptions): Promise<void> {
    return this.#gateway.signals.until(() => condition(this), options)
  }

  /**
   * Ends every socket, both listeners, the traffic, recordings and replays; nothing of the emulator keeps the process
   * alive then. Rejects, when all is ended, with what ended a recording early whose file nobody has closed by `stop`.
   */
  async stop(): Promise<void> {
    this.traffic.stop()
    this.#stopping.abort()
    this.#gateway.signals.unref()
    for (const session of this.#gateway.sessions()) this.#gateway.endSession(session, 'stopped')
    this.all.drop()
    const recordings = Array.from(this.#gateway.recordings)
    const stopped = recordings.map(async (recording) => recording.stop())
    const written = Promise.allSettled(stopped)
    // One that goes over our own HTTP waits for its reader, and shall be whole if that one reads.
    await Promise.race([written, pause(flushMs, undefined, { ref: false })])
    await Promise.all([this.#bootstrap.close(), this.#resume.close()])
    await Promise.all(stopped.filter((_, index) => recordings[index]?.isFile))
  }

  /** As {@link Emulator.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #bot(index: number): Bot {
    const bot = this.#gateway.bots[index]
    if (bot === undefined) throw new RangeError(`twilight-emulator: there is no bot ${index}`)
    return bot
  }
}
