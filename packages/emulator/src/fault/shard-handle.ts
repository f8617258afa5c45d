import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { OutboundEvent } from '../dispatch/outbound-event.ts'
import { guildArrival } from '../command/ready.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { Session } from '../session/session.ts'
import { sendReconnect } from '../server/upgrade.ts'
import type { StickyFaults } from './fault-plan.ts'

/** Options of faults that meet sockets before their shard is known. */
export interface GreetingOptions {
  /** How many of the next sockets meet it, whatever their shard. Default 1. */
  readonly times?: number
}

/**
 * Does things to the sockets of one shard, or of all. Faults act at once on sockets that are open; those named
 * "lasting" also meet the shard's later sockets, until they are lifted.
 */
export class ShardHandle {
  readonly #gateway: Gateway
  readonly #shard: number | null

  constructor(gateway: Gateway, shard: number | null) {
    this.#gateway = gateway
    this.#shard = shard
  }

  /** Sockets of the shard that are open now. */
  get connectionCount(): number {
    return this.#connections().length
  }

  /** Living sessions of the shard, those without a socket included. */
  get sessionCount(): number {
    return this.#sessions().length
  }

  /** Ends TCP without a close frame. */
  drop(): void {
    for (const connection of this.#connections()) connection.drop()
  }

  /** Ends TCP with a reset. */
  reset(): void {
    for (const connection of this.#connections()) connection.reset()
  }

  /** Black hole: nothing is read and nothing is written until {@link ShardHandle.thaw}. */
  freeze(): void {
    for (const connection of this.#connections()) connection.freeze()
  }

  thaw(): void {
    for (const connection of this.#connections()) connection.thaw()
  }

  /** Answers the next upgrades with an HTTP status. */
  refuseUpgrade(status: number, { times = 1 }: GreetingOptions = {}): void {
    this.#gateway.faults.greet('refuse', times, status)
  }

  /** The next sockets get no Hello. */
  withholdHello({ times = 1 }: GreetingOptions = {}): void {
    this.#gateway.faults.greet('silence', times)
  }

  /** The next sockets get Hello in the TCP segment of the 101 response. */
  coalesceHello({ times = 1 }: GreetingOptions = {}): void {
    this.#gateway.faults.greet('coalesce', times)
  }

  /** Lasting: beats get no op 11. */
  withholdAcks(withhold = true): void {
    this.#lasting({ withholdAcks: withhold })
  }

  /** Lasting: everything is sent this much later, in order. */
  delay(delayMs: number): void {
    this.#lasting({ delayMs })
  }

  /** Lasting: each payload goes out in pieces; messages under zlib-stream, fragments of one otherwise. 1 lifts it. */
  splitFrames(pieces: number): void {
    this.#lasting({ splitInto: pieces })
  }

  /** Lasting: how op 4 is answered. */
  voice(answer: StickyFaults['voice']): void {
    this.#lasting({ voice: answer })
  }

  /** Op 1: asks for a heartbeat now. */
  requestHeartbeat(): void {
    for (const connection of this.#connections()) connection.send(Opcode.Heartbeat, null)
  }

  /**
   * Op 7, then close 1001 after a pause (rule E35). With `when`, the next socket gets it before, or instead of,
   * its Hello.
   */
  reconnect({
    when,
    times = 1,
  }: { readonly when?: 'before-hello' | 'instead-of-hello' } & GreetingOptions = {}): void {
    if (when === undefined) {
      for (const connection of this.#connections()) sendReconnect(this.#gateway, connection)
    } else {
      this.#gateway.faults.greet(when === 'before-hello' ? 'reconnect-before' : 'reconnect-instead', times)
    }
  }

  /** Op 9. With `resumable` the session waits for a resume, also on the same socket; otherwise it is over. */
  invalidateSession(resumable: boolean): void {
    for (const connection of this.#connections()) this.#gateway.invalidate(connection, resumable)
  }

  /** A close frame with any code, reserved and unknown ones too; without a code an empty one. */
  close(code?: number, reason?: string): void {
    for (const connection of this.#connections()) connection.close(code, reason)
  }

  /** The next payload arrives with flipped bytes. */
  corruptNext(): void {
    for (const connection of this.#connections()) connection.mangleNext('corrupt')
  }

  /** The next payload arrives cut in half. */
  truncateNext(): void {
    for (const connection of this.#connections()) connection.mangleNext('truncate')
  }

  /** The session expires now, attached or not; a resume gets op 9 `d:false`. */
  expireSession(): void {
    for (const session of this.#sessions()) this.#gateway.endSession(session, 'expired')
  }

  /** A payload exactly as given, for what no API of the emulator would send. */
  sendRaw(payload: string | Uint8Array): void {
    for (const connection of this.#connections()) connection.sendRaw(payload)
  }

  /** An outage of one guild: GUILD_DELETE `unavailable: true`; the end of it: GUILD_CREATE (rule E40). */
  guildOutage(guildId: string, on = true): void {
    for (const bot of this.#gateway.bots) {
      if (!bot.world.hasGuild(guildId)) continue
      if (on) bot.unavailableGuilds.add(guildId)
      else bot.unavailableGuilds.delete(guildId)
      for (const session of bot.sessions.values()) {
        const event = on ? goneGuild(guildId) : guildArrival(session, guildId)
        if (event.shard(session.shardCount) === session.shardId && this.#owns(session.shardId)) {
          session.offer(event)
        }
      }
    }
    this.#gateway.signals.changed()
  }

  #lasting(faults: Partial<StickyFaults>): void {
    this.#gateway.faults.set(this.#shard, faults)
    for (const connection of this.#gateway.connections) connection.refreshFaults()
  }

  #owns(shard: number | null): boolean {
    return this.#shard === null || shard === this.#shard
  }

  #connections(): Connection[] {
    return [...this.#gateway.connections].filter(({ shard }) => this.#owns(shard))
  }

  #sessions(): Session[] {
    return [...this.#gateway.sessions()].filter(({ shardId }) => this.#owns(shardId))
  }
}

function goneGuild(guildId: string): OutboundEvent {
  return new OutboundEvent('GUILD_DELETE', { id: guildId, unavailable: true })
}
