import { OutboundEvent } from '../dispatch/outbound-event.ts'
import type { SessionView } from '../dispatch/session-view.ts'
import type { Encoding } from '../encoding/encoding.ts'
import { jsonEncoding } from '../encoding/json-encoding.ts'
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
  override bodyFor(view: SessionView, encoding: Encoding): Buffer | undefined {
    return this.isVisible(view) ? this.serialise(encoding) : undefined
  }

  /** {@inheritDoc OutboundEvent.serialise} As JSON, what was recorded goes out to the byte. */
  override serialise(encoding: Encoding = jsonEncoding): Buffer {
    if (encoding !== jsonEncoding) return super.serialise(encoding)
    this.#body ??= Buffer.from(`,"op":0,"d":${this.#dataText}}`)
    return this.#body
  }
}
