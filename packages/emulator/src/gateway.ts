import { Bot } from './bot/bot.ts'
import type { Connection } from './connection/connection.ts'
import { OutboundEvent } from './dispatch/outbound-event.ts'
import type { Encoding, EncodingName } from './encoding/encoding.ts'
import { etfEncoding } from './encoding/etf-encoding.ts'
import { jsonEncoding } from './encoding/json-encoding.ts'
import { FaultPlan } from './fault/fault-plan.ts'
import { snowflakePattern } from './json.ts'
import type { Settings } from './settings.ts'
import { CloseCode } from './protocol/close-code.ts'
import { Opcode } from './protocol/opcode.ts'
import { Random } from './random.ts'
import type { Recording } from './recording/recording.ts'
import { Recorder, sessionRecord } from './report/recorder.ts'
import type { ViolationRule } from './report/report.ts'
import { SignalHub } from './report/signal.ts'
import type { Session } from './session/session.ts'

/** Whom a dispatch may reach. */
export interface DispatchTarget {
  /** Index of the bot; default: every bot that is in the event's guild, or all if none is. */
  readonly bot?: number
  /** Sends to this shard instead of the one that the guild belongs to. */
  readonly shard?: number
}

/** The state behind the listeners: bots, sessions, sockets, faults and the record of it all. */
export class Gateway {
  readonly settings: Settings
  readonly encodings: Readonly<Record<EncodingName, Encoding>>
  readonly random: Random
  readonly recorder: Recorder
  readonly signals = new SignalHub()
  readonly faults = new FaultPlan()
  readonly bots: readonly Bot[]
  readonly connections = new Set<Connection>()
  /** Those that have not been stopped. */
  readonly recordings = new Set<Recording>()
  /** `resume_gateway_url`, once the listener is up. */
  resumeUrl = ''
  #connectionIds = 0

  constructor(settings: Settings) {
    this.settings = settings
    this.encodings = { json: jsonEncoding, etf: etfEncoding(settings.switches) }
    this.random = new Random(settings.seed)
    this.recorder = new Recorder(settings.frameLogCap)
    this.bots = settings.bots.map(
      (bot, index) => new Bot({ ...bot, index, token: settings.tokens[index] }, settings, this.random),
    )
  }

  nextConnectionId(): number {
    return ++this.#connectionIds
  }

  *sessions(): Generator<Session> {
    for (const bot of this.bots) yield* bot.sessions.values()
  }

  /** The bot of a token as identify or resume sends it. */
  botOfToken(token: string, command: 'identify' | 'resume'): Bot | undefined {
    const { botPrefix } = this.settings.switches
    const prefixed = botPrefix === 'everywhere' || botPrefix === command
    const bare = prefixed ? token.replace(/^Bot /, '') : token
    return this.bots.find((bot) => bot.owns(bare))
  }

  findSession(sessionId: string): Session | undefined {
    for (const bot of this.bots) {
      const session = bot.sessions.get(sessionId)
      if (session !== undefined) return session
    }
    return undefined
  }

  /** Routes an event (rule E18); returns how many sessions got it, those without a socket included. */
  dispatch(event: OutboundEvent, target: DispatchTarget = {}): number {
    let reached = 0
    for (const bot of this.#audience(event, target)) {
      reached += bot.sessions.offer(event, target.shard)
    }
    this.signals.changed()
    return reached
  }

  /** Routes one event by its data; see {@link Gateway.dispatch}. @throws RangeError for a guild that is no snowflake. */
  deliver(type: string, data: unknown, target?: DispatchTarget): number {
    const event = new OutboundEvent(type, data)
    const { guildId } = event
    if (guildId !== undefined && !snowflakePattern.test(guildId)) {
      throw new RangeError(`twilight-emulator: ${type} names guild "${guildId}", which is no snowflake`)
    }
    return this.dispatch(event, target)
  }

  attach(session: Session, connection: Connection): void {
    this.settings.clock.clearTimeout(session.expiry)
    session.attach(connection)
    connection.session = session
    connection.phase = 'live'
    connection.shard = session.shardId
  }

  /** The session lost its socket: it waits for a resume until its time is up (rule E23). */
  detach(session: Session): void {
    session.detach()
    const { clock, sessionTtlMs } = this.settings
    clock.clearTimeout(session.expiry)
    session.expiry = clock.setTimeout(() => this.endSession(session, 'expired'), sessionTtlMs)
  }

  endSession(session: Session, reason: string): void {
    if (session.endReason !== undefined) return
    this.settings.clock.clearTimeout(session.expiry)
    session.end(reason)
    session.bot.sessions.delete(session)
    this.recorder.endedSessions.push(sessionRecord(session))
    this.signals.emit('session-end', { sessionId: session.id, shardId: session.shardId, reason })
  }

  /** Ends every session of a bot and refuses its token from now on (rule E15). */
  resetToken(bot: Bot): void {
    bot.tokenValid = false
    for (const connection of this.connections) {
      if (connection.session?.bot === bot) connection.close(CloseCode.AuthenticationFailed)
    }
    for (const session of bot.sessions.values()) this.endSession(session, 'token-reset')
  }

  /** Sends op 9. The session, if any, leaves the socket: for good, or to be resumed on the same one. */
  invalidate(connection: Connection, resumable: boolean): void {
    const { session } = connection
    connection.session = undefined
    if (session !== undefined) {
      if (resumable) this.detach(session)
      else this.endSession(session, 'invalidated')
    }
    connection.send(Opcode.InvalidSession, resumable)
    if (!connection.open) return
    connection.phase = 'invalidated'
    if (!resumable && this.settings.switches.afterInvalidSession === 'close-4000') {
      connection.close(CloseCode.UnknownError)
    }
  }

  violation(rule: ViolationRule, message: string, connection?: Connection): void {
    const violation = {
      rule,
      message,
      connection: connection?.id ?? null,
      shard: connection?.shard ?? null,
      atMs: this.settings.clock.now(),
    }
    this.recorder.violations.push(violation)
    this.signals.emit('violation', violation)
  }

  /** Records a broken rule and closes the socket for it. */
  reject(connection: Connection, rule: ViolationRule, message: string, code: number): void {
    connection.close(code)
    this.violation(rule, message, connection)
  }

  /** Calls back later, unless the socket is closed by then. */
  later(connection: Connection, delayMs: number, callback: () => void): void {
    this.settings.clock.setTimeout(() => {
      if (connection.open) callback()
    }, delayMs)
  }

  /** The undocumented `_trace` of Hello, READY and RESUMED (rule E41). */
  trace(): string[] {
    return [
      `["gateway-emulator-${this.random.hex(4)}",{"micros":${Math.floor(this.random.between(1, 900))}.0}]`,
    ]
  }

  #audience(event: OutboundEvent, target: DispatchTarget): readonly Bot[] {
    if (target.bot !== undefined) return this.bots.filter((bot) => bot.index === target.bot)
    const { guildId } = event
    if (guildId === undefined || this.bots.length === 1) return this.bots
    const members = this.bots.filter((bot) => bot.world.hasGuild(guildId))
    return members.length > 0 ? members : this.bots
  }
}
