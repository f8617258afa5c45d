import type { GatewayEvent } from '../shard/event.ts'
import type { ShardRunner } from '../shard/shard-runner.ts'
import type { Clock } from '../clock.ts'

/**
 * Watches a shard load its guilds: READY names them, and a GUILD_CREATE or GUILD_DELETE follows for each. One that is
 * in an outage may never come, so silence ends the wait, too.
 */
export class GuildLoading {
  /** Resolves when the guilds are there, or none has come for `silenceMs`. */
  readonly done: Promise<void>
  readonly #resolve: () => void
  readonly #clock: Clock
  readonly #silenceMs: number
  readonly #expectsGuilds: boolean
  readonly #missing = new Set<string>()
  readonly #end: () => void
  #timer: unknown

  constructor(
    runner: ShardRunner,
    options: { readonly clock: Clock; readonly silenceMs: number; readonly expectsGuilds: boolean },
  ) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#resolve = resolve
    this.#clock = options.clock
    this.#silenceMs = options.silenceMs
    this.#expectsGuilds = options.expectsGuilds
    this.#end = runner.tap(['READY', 'GUILD_CREATE', 'GUILD_DELETE'], (event) => this.#saw(event))
  }

  /** Stops watching. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#end()
    this.#resolve()
  }

  #saw(event: GatewayEvent): void {
    if (event.type === 'READY') {
      this.#missing.clear()
      if (this.#expectsGuilds) for (const { id } of event.data.guilds) this.#missing.add(id)
    } else if (event.type === 'GUILD_CREATE' || event.type === 'GUILD_DELETE') {
      this.#missing.delete(event.data.id)
    }
    this.#clock.clearTimeout(this.#timer)
    if (this.#missing.size === 0) this.stop()
    else this.#timer = this.#clock.setTimeout(() => this.stop(), this.#silenceMs)
  }
}
