import type { OutboundEvent } from '../dispatch/outbound-event.ts'
import type { Session } from '../session/session.ts'

/** The living sessions of a bot: found by id, and by where an event must go, however many shards there are. */
export class Roster {
  readonly #byId = new Map<string, Session>()
  readonly #byCount = new Map<number, Map<number, Set<Session>>>()

  add(session: Session): void {
    this.#byId.set(session.id, session)
    const shards = this.#byCount.get(session.shardCount) ?? new Map<number, Set<Session>>()
    this.#byCount.set(session.shardCount, shards)
    const twins = shards.get(session.shardId) ?? new Set()
    shards.set(session.shardId, twins)
    twins.add(session)
  }

  delete(session: Session): void {
    this.#byId.delete(session.id)
    this.#byCount.get(session.shardCount)?.get(session.shardId)?.delete(session)
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id)
  }

  values(): Iterable<Session> {
    return this.#byId.values()
  }

  /** Of the sessions of one shard the one that a client uses: the first with a socket, or else the first. */
  leads(session: Session): boolean {
    const twins = this.#byCount.get(session.shardCount)?.get(session.shardId) ?? new Set()
    let leader: Session | undefined
    for (const twin of twins) {
      if (twin.link !== undefined) return twin === session
      leader ??= twin
    }
    return leader === session
  }

  /** Offers an event to its shard in every set of shards, or to `shard`; returns how many sessions took it. */
  offer(event: OutboundEvent, shard?: number): number {
    let reached = 0
    for (const [shardCount, shards] of this.#byCount) {
      for (const session of shards.get(shard ?? event.shard(shardCount)) ?? []) {
        if (session.offer(event)) reached++
      }
    }
    return reached
  }
}
