import type { EventBuffer } from './event-buffer.ts'
import type { EventMerge } from './event-merge.ts'
import type { GatewayEvent } from './event.ts'
import { Listeners } from './listeners.ts'
import type { LifecycleEvent } from './event.ts'
import type { EventSink } from './shard-runner.ts'

/**
 * Where the events of a shard, or of all shards of a cluster, go: to the listeners at once, and to the buffered
 * stream. The stream is left out while listeners take the dispatches and nobody iterates; without either,
 * events wait in the stream until it is full, and then reading stops.
 */
export class EventOutlet implements EventSink {
  readonly listeners: Listeners
  readonly merge: EventMerge
  /** Listener failures so far. */
  listenerErrors = 0
  #hasIterator = false

  constructor(merge: EventMerge) {
    this.merge = merge
    this.listeners = new Listeners((error, event) => this.#listenerFailed(error, event))
  }

  wants(type: string): boolean {
    return this.#isBuffering() || this.listeners.wants(type)
  }

  add(buffer: EventBuffer): void {
    this.merge.add(buffer)
  }

  readable(buffer: EventBuffer): void {
    this.merge.readable(buffer)
  }

  push(event: GatewayEvent, buffer: EventBuffer): void {
    this.listeners.emit(event)
    if (this.#isBuffering()) buffer.push(event)
  }

  iterate(): AsyncIterableIterator<GatewayEvent, undefined> {
    const iterator = this.merge.iterate()
    this.#hasIterator = true
    return iterator
  }

  #isBuffering(): boolean {
    return this.#hasIterator || !this.listeners.hasDispatchListeners
  }

  #listenerFailed(error: unknown, event: GatewayEvent): void {
    this.listenerErrors += 1
    // A listener of the error event that fails itself is only counted: no loop.
    if (event.type === 'SHARD_LISTENER_ERROR') return
    this.listeners.emit(lifecycleEvent('SHARD_LISTENER_ERROR', event.shardId, { error, type: event.type }))
  }
}

/** Makes a life-cycle event. */
export function lifecycleEvent<Type extends LifecycleEvent['type']>(
  type: Type,
  shardId: number,
  data: LifecycleEvent<Type>['data'],
): GatewayEvent {
  const event: LifecycleEvent<Type> = { type, shardId, sequence: 0, sessionId: '', data, raw: undefined }
  // The mapped union cannot be built from a type parameter; `type` and `data` agree by the signature.
  return event as GatewayEvent
}
