import { SlidingWindow } from './sliding-window.ts'

/** Payloads a connection may send in any window; more closes it with 4008 (Discord docs, *Gateway*). */
const sendsPerWindow = 120
/**
 * Discord counts at arrival, we at departure: a send delayed on the way falls into a later window than
 * ours, so our window is longer than Discord's 60 s.
 */
const sendWindowMs = 60_500
/** Presence updates per window (Discord docs, *Gateway Events*, Update Presence), with the same slack. */
const presencesPerWindow = 5
const presenceWindowMs = 20_500

/**
 * Says when a command may leave: 120 sends a minute with heartbeats counted, a reserve kept for those, and
 * five presence updates in 20 s. A disabled limiter (behind a proxy that limits by itself) always agrees.
 */
export class CommandLimiter {
  readonly #enabled: boolean
  #sends = new SlidingWindow(sendsPerWindow, sendWindowMs)
  readonly #presences = new SlidingWindow(presencesPerWindow, presenceWindowMs)
  /** Regular heartbeats that fit in a window, plus answers to op 1. */
  #reserve = 5
  #beatsPerWindow = 2

  constructor(enabled: boolean) {
    this.#enabled = enabled
  }

  /** Sends that user commands may use in a window: the limit less the heartbeats' reserve. */
  get commandsPerWindow(): number {
    return Math.max(1, sendsPerWindow - this.#reserve)
  }

  /** Starts the budget afresh, as Discord does for each connection. */
  connected(): void {
    this.#sends = new SlidingWindow(sendsPerWindow, sendWindowMs)
  }

  /** Sizes the heartbeats' reserve: `ceil(60 s / interval) + 3`. */
  reserveFor(heartbeatIntervalMs: number): void {
    this.#beatsPerWindow = Math.min(sendsPerWindow - 4, Math.ceil(sendWindowMs / heartbeatIntervalMs))
    this.#reserve = this.#beatsPerWindow + 3
  }

  /** Notes that a payload of any kind was sent. */
  sent(nowMs: number): void {
    this.#sends.record(nowMs)
  }

  /** Notes that a presence update was sent (beside `sent`). */
  presenceSent(nowMs: number): void {
    this.#presences.record(nowMs)
  }

  /** Commands that may leave at once. */
  available(nowMs: number): number {
    return this.#enabled ? Math.max(0, this.commandsPerWindow - this.#sends.used(nowMs)) : Infinity
  }

  /** When the next command may leave. */
  commandAt(nowMs: number): number {
    return this.#enabled ? this.#sends.freeAt(nowMs, this.commandsPerWindow) : nowMs
  }

  /** When the next presence update may leave. */
  presenceAt(nowMs: number): number {
    if (!this.#enabled) return nowMs
    return Math.max(this.commandAt(nowMs), this.#presences.freeAt(nowMs, presencesPerWindow))
  }

  /** When an answer to op 1 may leave: it never takes the places of the regular heartbeats to come. */
  requestedBeatAt(nowMs: number): number {
    return this.#enabled ? this.#sends.freeAt(nowMs, sendsPerWindow - this.#beatsPerWindow) : nowMs
  }
}
