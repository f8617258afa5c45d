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
  readonly #received = new Map<string, SequenceRanges>()

  add(event: GatewayEvent): void {
    if (event.type === 'SHARD_RECONNECTING') this.reconnects += 1
    if (event.type === 'SHARD_CONNECTED' && event.data.resumed) this.resumes += 1
    if (event.sessionId === '') return
    this.events += 1
    this.eventsByType.set(event.type, (this.eventsByType.get(event.type) ?? 0) + 1)
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
}
