import type { GatewayEvent } from './event.ts'

type Tap = (event: GatewayEvent) => void

/**
 * Those inside the library who wait for certain events of a shard, whether the user wants them or not: replies to
 * commands, the loading of guilds. They see an event before the user does and must not throw.
 */
export class Taps {
  readonly #byType = new Map<string, readonly Tap[]>()

  /** Names that somebody waits for. */
  get types(): readonly string[] {
    return [...this.#byType.keys()]
  }

  /** Calls `tap` with every event of these names; the returned function ends that. */
  add(types: readonly string[], tap: Tap): () => void {
    for (const type of types) this.#byType.set(type, [...(this.#byType.get(type) ?? []), tap])
    return () => {
      for (const type of types) {
        const rest = (this.#byType.get(type) ?? []).filter((candidate) => candidate !== tap)
        if (rest.length > 0) this.#byType.set(type, rest)
        else this.#byType.delete(type)
      }
    }
  }

  /** Whether anybody waits for events of this name. On the hot path: mostly one comparison. */
  wants(type: string): boolean {
    return this.#byType.size > 0 && this.#byType.has(type)
  }

  call(event: GatewayEvent): void {
    for (const tap of this.#byType.get(event.type) ?? []) tap(event)
  }
}
