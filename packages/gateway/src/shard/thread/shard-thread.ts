/** The program of a shard thread: it runs drivers as the main thread asks and sends their events in batches. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'

import { ByteBudget } from '../byte-budget.ts'
import type { EventBuffer } from '../event-buffer.ts'
import { resolveOptions } from '../resolve-options.ts'
import { ShardDriver } from '../shard-driver.ts'
import type { EventBatchBuilder, ShardSession } from './event-batch.ts'
import { EventPump } from './event-pump.ts'
import type { FromThread, ToThread } from './message.ts'
import { RemoteIdentifyQueue } from './remote-identify-queue.ts'
import type { ThreadData } from './thread-data.ts'
import { packError } from './transferred-error.ts'

interface Entry {
  readonly shardId: number
  readonly driver: ShardDriver
  /** Names that are sent on, or `undefined` for all. */
  readonly wanted: Set<string> | undefined
}

class ShardThread {
  readonly #port: MessagePort
  readonly #common = resolveOptions((workerData as ThreadData).options)
  readonly #budget = new ByteBudget(this.#common.highWaterBytes)
  readonly #entries = new Map<number, Entry>()
  readonly #byBuffer = new Map<EventBuffer, Entry>()
  readonly #queue = new RemoteIdentifyQueue((message) => this.#postToQueue(message))
  readonly #pump = new EventPump((builder, buffers) => this.#postEvents(builder, buffers))
  /** Shards whose state is asked for. */
  readonly #looked = new Set<number>()

  constructor(port: MessagePort) {
    this.#port = port
  }

  listen(): void {
    this.#port.on('message', (message: ToThread) => this.#handle(message))
  }

  #handle(message: ToThread): void {
    if (message.kind === 'credit') this.#pump.credit()
    else if (message.kind === 'look') this.#look(message.shardId)
    else if (message.kind === 'granted' || message.kind === 'refused') this.#queue.answered(message)
    else if (message.kind === 'start') this.#start(message)
    else this.#steer(message)
  }

  #start(message: Extract<ToThread, { readonly kind: 'start' }>): void {
    const { shardId, session } = message
    const { eventTypes } = this.#common
    const wanted = eventTypes && new Set<string>(eventTypes)
    const driver = new ShardDriver({
      id: shardId,
      shardCount: message.shardCount,
      common: this.#common,
      gatewayUrl: message.gatewayUrl,
      presence: message.presence,
      identifyQueue: this.#queue,
      sink: this.#pump,
      budget: this.#budget,
      wanted,
    })
    const entry: Entry = { shardId, driver, wanted }
    this.#entries.set(shardId, entry)
    this.#byBuffer.set(driver.buffer, entry)
    void this.#tellEnd(entry)
    driver.start(session)
  }

  async #tellEnd(entry: Entry): Promise<void> {
    const { driver, shardId } = entry
    const reason = await driver.closed
    // Nothing of this shard may come after its end; what waits here is bounded.
    this.#pump.flush(driver.buffer)
    this.#postStatus([entry])
    this.#post({ kind: 'closed', shardId, reason: packError(reason) })
    this.#byBuffer.delete(driver.buffer)
    if (this.#entries.get(shardId) === entry) this.#entries.delete(shardId)
  }

  #steer(
    message: Extract<ToThread, { readonly kind: 'stop' | 'restart' | 'command' | 'hold' | 'taps' }>,
  ): void {
    const entry = this.#entries.get(message.shardId)
    if (entry === undefined) return
    const { driver, wanted } = entry
    if (message.kind === 'stop') void driver.stop(message.mode)
    else if (message.kind === 'restart') driver.restart()
    else if (message.kind === 'hold') this.#pump.hold(driver.buffer, message.isHeld)
    else if (message.kind === 'command') this.#command(driver, message.shardId, message.ticket, message.text)
    else if (wanted !== undefined) {
      wanted.clear()
      for (const type of [...(this.#common.eventTypes ?? []), ...message.types]) wanted.add(type)
    }
  }

  #command(driver: ShardDriver, shardId: number, ticket: number, text: string): void {
    try {
      driver.command(text).then(
        () => this.#post({ kind: 'sent', shardId, ticket }),
        (error: unknown) => this.#post({ kind: 'unsent', shardId, ticket, error: packError(error) }),
      )
    } catch (error) {
      this.#post({ kind: 'unsent', shardId, ticket, error: packError(error) })
    }
  }

  #postEvents(builder: EventBatchBuilder, buffers: ReadonlySet<EventBuffer>): void {
    const entries = Array.from(buffers, (buffer) => this.#byBuffer.get(buffer)).filter(isThere)
    const infos = builder.hasLifecycle ? entries.map(({ driver }) => driver.info()) : []
    const batch = builder.build(sessionsOf(entries), infos)
    this.#port.postMessage({ kind: 'events', batch } satisfies FromThread, [batch.bytes, batch.fields.buffer])
  }

  /** Looks of one turn have one answer. */
  #look(shardId: number): void {
    if (this.#looked.size === 0) setImmediate(() => this.#answerLooks())
    this.#looked.add(shardId)
  }

  #answerLooks(): void {
    const entries = Array.from(this.#looked, (shardId) => this.#entries.get(shardId)).filter(isThere)
    this.#looked.clear()
    // A state does not overtake the events that belong to it, unless they have to wait.
    this.#pump.send()
    if (entries.length > 0) this.#postStatus(entries)
  }

  #postStatus(entries: readonly Entry[]): void {
    const infos = entries.map(({ driver }) => driver.info())
    this.#post({ kind: 'status', infos, sessions: sessionsOf(entries) })
  }

  #postToQueue(message: FromThread): void {
    // No event tells of a shard that it waits to identify.
    const entry = message.kind === 'acquire' ? this.#entries.get(message.shardId) : undefined
    if (entry !== undefined) this.#postStatus([entry])
    this.#post(message)
  }

  #post(message: FromThread): void {
    this.#port.postMessage(message)
  }
}

function isThere(entry: Entry | undefined): entry is Entry {
  return entry !== undefined
}

/** The sessions up to what was sent to the main thread. */
function sessionsOf(entries: readonly Entry[]): ShardSession[] {
  return entries.map(({ shardId, driver }) => ({ shardId, session: driver.resumable() }))
}

if (parentPort === null) throw new Error('shard-thread is the program of a worker thread')
new ShardThread(parentPort).listen()
