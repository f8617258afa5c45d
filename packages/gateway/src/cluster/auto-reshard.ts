import type { Clock } from '../clock.ts'
import type { ReshardOptions } from './reshard.ts'

/** When a cluster reshards by itself. */
export interface AutoReshardOptions extends Omit<ReshardOptions, 'signal'> {
  /** How often `/gateway/bot` is asked whether the bot has outgrown its shards. Default 21,600,000: six hours. */
  readonly intervalMs?: number
}

const defaultIntervalMs = 6 * 60 * 60 * 1_000

/** Looks now and then whether Discord recommends more shards than run. */
export class AutoReshard {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #look: () => Promise<void>
  #timer: unknown

  /** `look` asks and, if need be, reshards; it must not reject. */
  constructor(options: true | AutoReshardOptions, clock: Clock, look: () => Promise<void>) {
    this.#clock = clock
    this.#intervalMs = (options === true ? undefined : options.intervalMs) ?? defaultIntervalMs
    this.#look = look
  }

  start(): void {
    this.#timer = this.#clock.setTimeout(() => void this.#lookAndGoOn(), this.#intervalMs)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #lookAndGoOn(): Promise<void> {
    const timer = this.#timer
    await this.#look()
    // Stopped meanwhile.
    if (this.#timer === timer) this.start()
  }
}
