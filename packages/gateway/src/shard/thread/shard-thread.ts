/** The program of a shard thread: it runs drivers as the main thread asks and sends their events in batches. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'

import type { GatewaySession } from '../../session/gateway-session.ts'
import { ByteBudget } from '../byte-budget.ts'
import type { EventBuffer } from '../event-buffer.ts'
import { resolveOptions } from '../resolve-options.ts'
import { ShardDriver } from '../shard-driver.ts'
import type { RunnerInfo } from '../shard-info.ts'
import type { EventBatchBuilder } from './event-batch.ts'
import { EventPump } from './event-pump.ts'
import type { FromThread, ToThread } from './message.ts'
import { RemoteIdentifyQueue } from './remote-identify-queue.ts'
import type { ThreadData } from './thread-data.ts'
import { packError } from './transferred-error.ts'

/** How often the main thread hears of every shard's state. */
const statusIntervalMs = 1_000

interface Entry {
  readonly driver: ShardDriver
  /** Names that are sent on, or `undefined` for all. */
  readonly wanted: Set<string> | undefined
}

class ShardThread {
  readonly #port: MessagePort
  readonly #common = resolveOptions((workerData as ThreadData).options)
  readonly #budget = new ByteBudget(this.#common.highWaterBytes)
  readonly #entries = new Map<number, Entry>()
  readonly #byBuffer = new Map<EventBuffer, ShardDriver>()
  readonly #queue = new RemoteIdentifyQueue((message) => this.#post(message))
  readonly #pump = new EventPump((builder, buffers) => this.#postEvents(builder, buffers))
  #isStatusTaken = true

  constructor(port: MessagePort) {
    this.#port = port
  }

  listen(): void {
    this.#port.on('message', (message: ToThread) => this.#handle(message))
    setInterval(() => this.#postStatus(), statusIntervalMs).unref()
  }

  #handle(message: ToThread): void {
    if (message.kind === 'credit') this.#pump.credit()
    else if (message.kind === 'status-taken') this.#isStatusTaken = true
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
    this.#entries.set(shardId, { driver, wanted })
    this.#byBuffer.set(driver.buffer, driver)
    void this.#tellEnd(driver, shardId)
    driver.start(session)
  }

  async #tellEnd(driver: ShardDriver, shardId: number): Promise<void> {
    const reason = await driver.closed
    // Nothing of this shard may come after its end; what waits here is bounded.
    this.#pump.flush(driver.buffer)
    this.#post({ kind: 'status', infos: [driver.info()], sessions: sessionsOf([driver]) })
    this.#post({ kind: 'closed', shardId, reason: packError(reason) })
    this.#byBuffer.delete(driver.buffer)
    if (this.#entries.get(shardId)?.driver === driver) this.#entries.delete(shardId)
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
    const drivers = Array.from(buffers, (buffer) => this.#byBuffer.get(buffer)).filter(
      (driver) => driver !== undefined,
    )
    const infos: RunnerInfo[] = builder.hasLifecycle ? drivers.map((driver) => driver.info()) : []
    const batch = builder.build(sessionsOf(drivers), infos)
    this.#port.postMessage({ kind: 'events', batch } satisfies FromThread, [batch.bytes, batch.fields.buffer])
  }

  #postStatus(): void {
    if (!this.#isStatusTaken || this.#entries.size === 0) return
    this.#isStatusTaken = false
    const drivers = Array.from(this.#entries.values(), ({ driver }) => driver)
    this.#post({
      kind: 'status',
      infos: drivers.map((driver) => driver.info()),
      sessions: sessionsOf(drivers),
    })
  }

  #post(message: FromThread): void {
    this.#port.postMessage(message)
  }
}

/** The sessions up to what was sent to the main thread. */
function sessionsOf(drivers: readonly ShardDriver[]): GatewaySession[] {
  return drivers.map((driver) => driver.resumable()).filter((session) => session !== undefined)
}

if (parentPort === null) throw new Error('shard-thread is the program of a worker thread')
new ShardThread(parentPort).listen()
