import type { Gateway } from './gateway.ts'
import { OutboundEvent } from './dispatch/outbound-event.ts'
import { within } from './option-check.ts'
import type { TrafficOptions } from './options.ts'
import { Traffic } from './traffic/traffic.ts'

/** How often events that fell due are sent. */
const tickMs = 20
/** No tick sends more than this many ticks' worth: a stalled process does not burst. */
const maxCatchUpTicks = 50

/** Background events at a steady rate, on the emulator's clock. */
export class TrafficDriver {
  readonly #gateway: Gateway
  #timer: unknown
  #running = false

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  get running(): boolean {
    return this.#running
  }

  /**
   * Starts, or starts anew with other options; each bot gets the rate from its own world.
   * @throws RangeError for an option out of range, or a bot without guilds.
   */
  start({ profile = 'A', ratePerSecond = 100, seed }: TrafficOptions = {}): void {
    this.stop()
    within('traffic.ratePerSecond', ratePerSecond, 0)
    const { clock, seed: defaultSeed } = this.#gateway.settings
    const sources = this.#gateway.bots.map((bot) => ({
      bot: bot.index,
      traffic: new Traffic(bot.world, { profile, seed: (seed ?? defaultSeed) + bot.index }),
    }))
    this.#running = true
    let last = clock.now()
    let due = 0
    const tick = (): void => {
      const now = clock.now()
      due += (Math.min(now - last, tickMs * maxCatchUpTicks) / 1000) * ratePerSecond
      last = now
      for (; due >= 1; due--) {
        for (const { bot, traffic } of sources) {
          const { type, data, guildId } = traffic.next()
          this.#gateway.dispatch(new OutboundEvent(type, data, guildId), { bot })
        }
      }
      this.#timer = clock.setTimeout(tick, tickMs)
    }
    this.#timer = clock.setTimeout(tick, tickMs)
  }

  stop(): void {
    this.#running = false
    this.#gateway.settings.clock.clearTimeout(this.#timer)
  }
}
