import type { EventMap, EventType, GatewayEvent } from './event.ts'

/** What a listener may be attached to: an event's name, or every event. */
export type ListenerMap = EventMap & { '*': GatewayEvent }

/** Called with each event of its type. What it throws, or a promise that it rejects, harms nobody. */
export type Listener<Type extends keyof ListenerMap> = (event: ListenerMap[Type]) => unknown

type AnyListener = (event: GatewayEvent) => unknown

/** Listeners by event name. Calling them never throws; failures go to the handler given at construction. */
export class Listeners {
  readonly #byType = new Map<string, readonly AnyListener[]>()
  readonly #failed: (error: unknown, event: GatewayEvent) => void
  readonly #errors = new Map<number, number>()
  /** Somebody listens to dispatches, not only to the shards' life. */
  #hasDispatchListeners = false

  constructor(failed: (error: unknown, event: GatewayEvent) => void) {
    this.#failed = (error, event) => {
      this.#errors.set(event.shardId, this.errors(event.shardId) + 1)
      failed(error, event)
    }
  }

  /** How often a listener failed over an event of this shard. */
  errors(shardId: number): number {
    return this.#errors.get(shardId) ?? 0
  }

  get hasDispatchListeners(): boolean {
    return this.#hasDispatchListeners
  }

  /** Attaches a listener; the returned function detaches it. */
  on<Type extends keyof ListenerMap>(type: Type, listener: Listener<Type>): () => void {
    // The map is only ever asked for the list of the event's own name, so the types agree.
    const attached = listener as unknown as AnyListener
    this.#byType.set(type, [...(this.#byType.get(type) ?? []), attached])
    this.#recount()
    return () => this.#detach(type, attached)
  }

  /** Whether anybody would be called for events of this name. */
  wants(type: string): boolean {
    return this.#byType.has(type) || this.#byType.has('*')
  }

  emit(event: GatewayEvent): void {
    this.#call(this.#byType.get(event.type), event)
    this.#call(this.#byType.get('*'), event)
  }

  #call(listeners: readonly AnyListener[] | undefined, event: GatewayEvent): void {
    if (listeners === undefined) return
    for (const listener of listeners) {
      try {
        const result = listener(event)
        if (result instanceof Promise) result.catch((error: unknown) => this.#failed(error, event))
      } catch (error) {
        this.#failed(error, event)
      }
    }
  }

  #detach(type: string, listener: AnyListener): void {
    const listeners = this.#byType.get(type)
    const index = listeners?.indexOf(listener) ?? -1
    if (listeners === undefined || index < 0) return
    if (listeners.length === 1) this.#byType.delete(type)
    else this.#byType.set(type, listeners.toSpliced(index, 1))
    this.#recount()
  }

  #recount(): void {
    this.#hasDispatchListeners = [...this.#byType.keys()].some((type) => !type.startsWith('SHARD_'))
  }
}

/** The part of shard and cluster that takes listeners. */
export interface EventSource {
  /** Calls `listener` with every event of this name, or of any name for `*`; returns its detacher. */
  on<Type extends keyof ListenerMap>(type: Type, listener: Listener<Type>): () => void
}

/** Names that `on` and `eventTypes` know; a wider type for names newer than this version. */
export type AnyEventType = EventType | (string & {})
