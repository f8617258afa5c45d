import type { Bot } from '../bot/bot.ts'
import type { OutboundEvent } from '../dispatch/outbound-event.ts'
import type { SessionView } from '../dispatch/session-view.ts'
import type { Encoding } from '../encoding/encoding.ts'
import { ReplayBuffer } from './replay-buffer.ts'
import type { SentDispatch } from './replay-buffer.ts'

/** What a session needs of the socket that it is attached to. */
export interface SessionLink {
  /** Bytes written that the peer has not taken. */
  readonly bufferedBytes: number
  sendDispatch(dispatch: SentDispatch): void
}

/** Everything that identify settles for the life of a session. */
export interface SessionOptions {
  readonly id: string
  readonly bot: Bot
  readonly shardId: number
  readonly shardCount: number
  readonly version: string
  readonly encoding: Encoding
  readonly view: SessionView
  readonly replayCap: number
}

/**
 * A gateway session: a numbered run of dispatches that outlives its sockets.
 *
 * ```
 * created ─▶ attached ◀──resume── detached ──ttl, 1000/1001, op 9──▶ ended
 *               └──drop, other close──▶ ┘
 * ```
 */
export class Session {
  readonly id: string
  readonly bot: Bot
  readonly shardId: number
  readonly shardCount: number
  readonly version: string
  readonly encoding: Encoding
  readonly view: SessionView
  readonly #replay: ReplayBuffer
  #link: SessionLink | undefined
  #sequence = 0
  #endReason: string | undefined
  /** Whether its GUILD_CREATEs have followed READY. */
  hasGuilds = false
  /** Handle of the time-to-live timer while detached. */
  expiry: unknown

  constructor(options: SessionOptions) {
    this.id = options.id
    this.bot = options.bot
    this.shardId = options.shardId
    this.shardCount = options.shardCount
    this.version = options.version
    this.encoding = options.encoding
    this.view = options.view
    this.#replay = new ReplayBuffer(options.replayCap)
  }

  /** Sequence of the newest dispatch; 0 before READY. */
  get lastSequence(): number {
    return this.#sequence
  }

  get link(): SessionLink | undefined {
    return this.#link
  }

  /** Why the session is over; undefined while it lives. */
  get endReason(): string | undefined {
    return this.#endReason
  }

  attach(link: SessionLink): void {
    this.#link = link
  }

  detach(): void {
    this.#link = undefined
  }

  end(reason: string): void {
    this.#endReason ??= reason
    this.#link = undefined
    this.#replay.clear()
  }

  /** Numbers a dispatch, whose body is in the session's encoding, keeps it for a resume and sends it if a socket is attached. */
  push(type: string, body: Buffer): void {
    if (this.#endReason !== undefined) return
    const dispatch = { sequence: ++this.#sequence, type, encoding: this.encoding, body }
    this.#replay.push(dispatch)
    this.#link?.sendDispatch(dispatch)
    const { taps } = this.bot
    if (taps.size > 0) for (const tap of taps) tap(this, dispatch)
  }

  /** As {@link Session.push}, for an event that only this session gets. */
  send(type: string, data: unknown): void {
    this.push(type, this.encoding.body(data))
  }

  /** Pushes an event unless the intents hide it; true when it was pushed. */
  offer(event: OutboundEvent): boolean {
    const body = event.bodyFor(this.view, this.encoding)
    if (body === undefined || this.#endReason !== undefined) return false
    this.push(event.type, body)
    return true
  }

  /** Dispatches after `sequence`, or undefined if the buffer no longer holds them all. */
  missedAfter(sequence: number): readonly SentDispatch[] | undefined {
    return this.#replay.after(sequence)
  }
}
