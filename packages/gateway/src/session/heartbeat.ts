import { Latency } from './latency.ts'

/** What a heartbeat's timer asks for. */
export type HeartbeatVerdict = 'wait' | 'beat' | 'zombie'

/**
 * A timer runs before the reads that queued up behind a stalled event loop. So the verdict "zombie" waits
 * this long, in which anything that had arrived is read and clears the suspicion.
 */
const graceMs = 1_000
/** The grace when the timer itself came more than an interval late: the machine slept or was debugged. */
const lateGraceMs = 10_000

/**
 * When to beat, and whether the connection still lives (Discord docs, *Gateway*, Sending Heartbeats).
 *
 * Any frame is a sign of life, since ACKs queue behind megabytes of guilds at start-up; but two intervals
 * without an ACK end the patience. While we do not read (backpressure), nothing is concluded.
 */
export class Heartbeat {
  readonly latency = new Latency()
  #intervalMs = 0
  #nextAtMs = Infinity
  /** When the oldest beat without an ACK was sent. */
  #unackedSinceMs: number | undefined
  /** When the newest beat was sent, for the latency. */
  #beatAtMs = 0
  #suspectUntilMs = Infinity
  #frameSinceBeat = true
  #paused = false

  get intervalMs(): number {
    return this.#intervalMs
  }

  /** When `check` wants to be called next. */
  get wakeAtMs(): number {
    return Math.min(this.#nextAtMs, this.#suspectUntilMs)
  }

  /** HELLO came: the first beat falls at a random point of the first interval, so that a fleet spreads. */
  start(intervalMs: number, nowMs: number, random: number): void {
    this.stop()
    this.#intervalMs = intervalMs
    this.#nextAtMs = nowMs + intervalMs * random
    this.latency.reset()
  }

  stop(): void {
    this.#nextAtMs = Infinity
    this.#unackedSinceMs = undefined
    this.#suspectUntilMs = Infinity
    this.#frameSinceBeat = true
  }

  /** Any frame arrived. On the hot path: two stores. */
  sawFrame(): void {
    this.#frameSinceBeat = true
    this.#suspectUntilMs = Infinity
  }

  /** A beat was sent, on time or on the gateway's request. */
  beaten(nowMs: number): void {
    this.#beatAtMs = nowMs
    this.#unackedSinceMs ??= nowMs
    this.#frameSinceBeat = false
  }

  /** An ACK arrived; one that nobody asked for is ignored. */
  acknowledged(nowMs: number): void {
    if (this.#unackedSinceMs === undefined) return
    this.#unackedSinceMs = undefined
    if (!this.#paused) this.latency.record(nowMs - this.#beatAtMs)
  }

  /** We stopped (or began again) reading from the socket. */
  setPaused(paused: boolean, nowMs: number): void {
    this.#paused = paused
    this.#suspectUntilMs = Infinity
    this.#frameSinceBeat = true
    if (this.#unackedSinceMs !== undefined) this.#unackedSinceMs = nowMs
  }

  /** The timer fired. After `beat` the caller sends one and calls `beaten`. */
  check(nowMs: number): HeartbeatVerdict {
    if (nowMs >= this.#suspectUntilMs) return 'zombie'
    if (nowMs < this.#nextAtMs) return 'wait'
    const lateMs = nowMs - this.#nextAtMs
    this.#nextAtMs = nowMs + this.#intervalMs
    if (this.#paused) return 'beat'
    if (lateMs > this.#intervalMs) {
      this.#suspectUntilMs = nowMs + lateGraceMs
    } else if (this.#unackedSinceMs !== undefined) {
      // A suspicion that stands is not put off: the interval may be shorter than the grace.
      if (!this.#frameSinceBeat) this.#suspectUntilMs = Math.min(this.#suspectUntilMs, nowMs + graceMs)
      else if (nowMs - this.#unackedSinceMs >= 2 * this.#intervalMs) return 'zombie'
    }
    return 'beat'
  }
}
