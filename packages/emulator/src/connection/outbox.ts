import type { Duplex } from 'node:stream'

import type { Clock } from '../clock.ts'

/** Bytes on their way to one socket: in order, and held back while a fault freezes or delays the link. */
export class Outbox {
  readonly #socket: Duplex
  readonly #clock: Clock
  readonly #held: { readonly bytes: Buffer; readonly dueAt: number }[] = []
  #heldBytes = 0
  #frozen = false
  #closed = false
  #timer: unknown

  constructor(socket: Duplex, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
  }

  /** Bytes that the socket has not taken yet, held ones included. */
  get bufferedBytes(): number {
    return this.#heldBytes + this.#socket.writableLength
  }

  /** Whether a write would go straight to the socket. */
  get idle(): boolean {
    return !this.#frozen && this.#held.length === 0
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** Writes now, or keeps the bytes for later if frozen, delayed, or behind others that are. */
  write(bytes: Buffer, delayMs = 0): void {
    if (this.#closed) return
    if (delayMs <= 0 && !this.#frozen && this.#held.length === 0) {
      this.#socket.write(bytes)
      return
    }
    this.#held.push({ bytes, dueAt: this.#clock.now() + delayMs })
    this.#heldBytes += bytes.length
    this.#schedule()
  }

  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
    this.#release()
  }

  /** Forgets what is held; nothing is written any more. */
  close(): void {
    this.#closed = true
    this.#held.length = 0
    this.#heldBytes = 0
    this.#clock.clearTimeout(this.#timer)
  }

  #schedule(): void {
    const first = this.#held[0]
    if (first === undefined || this.#frozen || this.#timer !== undefined) return
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = undefined
        this.#release()
      },
      Math.max(0, first.dueAt - this.#clock.now()),
    )
  }

  #release(): void {
    const now = this.#clock.now()
    for (let first = this.#held[0]; first !== undefined && !this.#frozen; first = this.#held[0]) {
      if (first.dueAt > now) break
      this.#held.shift()
      this.#heldBytes -= first.bytes.length
      this.#socket.write(first.bytes)
    }
    this.#schedule()
  }
}
