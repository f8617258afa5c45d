import { OutboundEvent } from '../dispatch/outbound-event.ts'
import type { SessionView } from '../dispatch/session-view.ts'
import type { ReadDispatch, RecordedDispatch } from './format.ts'

/**
 * An event of a recording. Intents decide who gets it, but its data go out as they were recorded: they have been
 * trimmed and blanked for a session once.
 */
export class RecordedEvent extends OutboundEvent {
  readonly recorded: RecordedDispatch
  readonly #dataText: string
  #body: Buffer | undefined

  constructor(read: ReadDispatch) {
    super(read.type, read.data)
    this.recorded = read
    this.#dataText = read.dataText
  }

  /** By its guild; without one, the shard that it was recorded on, as far as there are so many. */
  override shard(shardCount: number): number {
    return this.guildId === undefined ? this.recorded.shard % shardCount : super.shard(shardCount)
  }

  /** {@inheritDoc OutboundEvent.bodyFor} */
  override bodyFor(view: SessionView): Buffer | undefined {
    return this.isVisible(view) ? this.serialise() : undefined
  }

  /** {@inheritDoc OutboundEvent.serialise} */
  override serialise(): Buffer {
    this.#body ??= Buffer.from(`,"op":0,"d":${this.#dataText}}`)
    return this.#body
  }
}
