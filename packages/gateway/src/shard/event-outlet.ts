import type { EventBuffer } from './event-buffer.ts'
import type { EventMerge } from './event-merge.ts'
import type { GatewayEvent } from './event.ts'
import { Listeners, type Listener, type ListenerMap } from './listeners.ts'
import type { LifecycleEvent } from './event.ts'
import type { EventSink } from './shard-runner.ts'

/**
 * Where the events of a shard, or of all shards of a cluster, go: to the listeners at once, and to the buffered
 * stream. The stream is left out while listeners take the dispatches and nobody iterates, and a full one does not
 * stop them; without either, events wait in the stream until it is full, and then reading stops.
 */
export class EventOutlet implements EventSink {
  readonly listeners: Listeners
  readonly merge: EventMerge

  constructor(merge: EventMerge) {
    this.merge = merge
    this.listeners = new Listeners((error, event) => this.#listenerFailed(error, event))
  }

  get isBuffering(): boolean {
    return this.merge.isIterated || !this.listeners.hasDispatchListeners
  }

  wants(type: string): boolean {
    return this.isBuffering || this.listeners.wants(type)
  }

  /** Attaches a listener; the returned function detaches it. */
  on<Type extends keyof ListenerMap>(type: Type, listener: Listener<Type>): () => void {
    const detach = this.listeners.on(type, listener)
    this.#sourceChanged()
    return detach
  }

  add(buffer: EventBuffer): void {
    this.merge.add(buffer)
  }

  readable(buffer: EventBuffer): void {
    this.merge.readable(buffer)
  }

  push(event: GatewayEvent, buffer: EventBuffer): void {
    this.listeners.emit(event)
    if (this.isBuffering) buffer.push(event)
  }

  iterate(): AsyncIterableIterator<GatewayEvent, undefined> {
    return this.merge.iterate(() => this.#sourceChanged())
  }

  /** A stream that filled up while nobody iterated must not keep the events from the listeners. */
  #sourceChanged(): void {
    if (!this.isBuffering) this.merge.release()
  }

  #listenerFailed(error: unknown, event: GatewayEvent): void {
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
