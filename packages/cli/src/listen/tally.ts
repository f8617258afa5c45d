import type { GatewayEvent } from 'twilight-gateway'

import { SequenceRanges } from './sequence-ranges.ts'

/** A session as its sender knows it: every sequence from 1 to `lastSequence` was sent in it. */
export interface SentSession {
  readonly sessionId: string
  readonly lastSequence: number
}

/** Counts what arrived, and finds what did not, or came twice. */
export class Tally {
  /** Dispatches that arrived. */
  events = 0
  readonly eventsByType = new Map<string, number>()
  /** Connections that were lost and are replaced. */
  reconnects = 0
  /** Sessions that went on after that. */
  resumes = 0
  duplicates = 0
  /** Shards that were ready at least once. */
  readonly ready = new Set<number>()
  /** Why the latest connection that failed did so. */
  trouble: string | undefined
  readonly #received = new Map<string, SequenceRanges>()

  add(event: GatewayEvent): void {
    if (event.type === 'SHARD_RECONNECTING') this.reconnects += 1
    else if (event.type === 'SHARD_DISCONNECTED') this.trouble = event.data.error?.message ?? this.trouble
    else if (event.type === 'SHARD_CONNECTED') {
      this.ready.add(event.shardId)
      if (event.data.resumed) this.resumes += 1
    }
    if (event.sessionId === '') return
    this.events += 1
    this.eventsByType.set(event.type, (this.eventsByType.get(event.type) ?? 0) + 1)
    // A dispatch without a sequence cannot be told from another.
    if (event.sequence === 0) return
    const ranges = this.#received.get(event.sessionId) ?? new SequenceRanges()
    this.#received.set(event.sessionId, ranges)
    if (!ranges.add(event.sequence)) this.duplicates += 1
  }

  /** How many of the events that were sent did not arrive. */
  missed(sent: readonly SentSession[]): number {
    return sent.reduce(
      (sum, { sessionId, lastSequence }) => sum + lastSequence - (this.#received.get(sessionId)?.size ?? 0),
      0,
    )
  }

  /**
   * How many did not arrive as far as the receiver can know: the gaps below the newest sequence of each session. What
   * was sent behind it and got lost does not show.
   */
  gaps(): number {
    return [...this.#received.values()].reduce((sum, { last, size }) => sum + last - size, 0)
  }
}
