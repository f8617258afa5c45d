import { Worker } from 'node:worker_threads'

import type { Clock } from '../../clock.ts'
import { ClosedError, GatewayError } from '../../errors.ts'
import type { ShardRunnerOptions } from '../shard-runner.ts'
import { readBatch, type EventBatch } from './event-batch.ts'
import { IdentifyDesk } from './identify-desk.ts'
import type { FromThread, ToThread } from './message.ts'
import { RemoteShard } from './remote-shard.ts'
import type { ThreadData } from './thread-data.ts'

/** Wait before a crashed thread is replaced; doubled by every crash, with jitter. */
const respawnMs = { base: 250, cap: 30_000 }
/** A thread that lived so long has not failed for the reason of the one before. */
const stableAfterMs = 60_000
/** Crashes in a row after which its shards are given up. */
const mostCrashes = 6

/** How old a shard's state, as this thread knows it, may become. */
const lookIntervalMs = 1_000

/** From source the thread is started from source, too; Node before 22.18 has to be told. */
const isSource = import.meta.url.endsWith('.ts')
const program = new URL(isSource ? './shard-thread.ts' : './shard-thread.js', import.meta.url)
const execArgv = isSource && !process.features.typescript ? ['--experimental-strip-types'] : []

export interface ThreadLinkOptions {
  readonly data: ThreadData
  readonly clock: Clock
  readonly random: () => number
}

/**
 * The main thread's end of one shard thread. It starts the thread with its first shard, replaces it if it crashes, and
 * ends it with its last shard.
 */
export class ThreadLink {
  readonly #options: ThreadLinkOptions
  readonly #shards = new Map<number, RemoteShard>()
  readonly #desk = new IdentifyDesk((message) => this.#post(message))
  #worker: Worker | undefined
  #startedAtMs = 0
  #crashes = 0
  #respawnTimer: unknown
  #lookTimer: unknown

  constructor(options: ThreadLinkOptions) {
    this.#options = options
  }

  /** Makes a shard whose session will live in this thread. */
  create(options: ShardRunnerOptions): RemoteShard {
    const shard = new RemoteShard(options, (message) => this.#postFor(shard, message))
    void this.#watch(shard)
    return shard
  }

  async #watch(shard: RemoteShard): Promise<void> {
    await shard.closed
    if (this.#shards.get(shard.options.id) === shard) this.#shards.delete(shard.options.id)
    if (this.#shards.size === 0) this.#end()
  }

  #postFor(shard: RemoteShard, message: ToThread): boolean {
    if (message.kind === 'start') {
      this.#shards.set(shard.options.id, shard)
      // While a crashed thread is not replaced yet: the new one begins with all its shards.
      if (this.#respawnTimer !== undefined) return false
      this.#worker ??= this.#spawn()
    }
    return this.#post(message)
  }

  #post(message: ToThread): boolean {
    this.#worker?.postMessage(message)
    return this.#worker !== undefined
  }

  #spawn(): Worker {
    const { clock, data } = this.#options
    const worker = new Worker(program, { workerData: data, execArgv: [...process.execArgv, ...execArgv] })
    this.#startedAtMs = clock.now()
    this.#lookAgain()
    let failure: unknown
    worker.on('message', (message: FromThread) => {
      if (worker === this.#worker) this.#handle(message)
    })
    worker.on('error', (error) => (failure = error))
    worker.on('exit', (code) => {
      if (worker === this.#worker) this.#crashed(failure, code)
    })
    return worker
  }

  #handle(message: FromThread): void {
    if (message.kind === 'events') this.#take(message.batch)
    else if (message.kind === 'status') {
      this.#inform(message)
      this.#reachSessions(message)
    } else if (message.kind === 'closed' || message.kind === 'sent' || message.kind === 'unsent') {
      this.#shards.get(message.shardId)?.handle(message)
    } else {
      this.#desk.handle(message, (shardId) => this.#shards.get(shardId)?.options.identifyQueue)
    }
  }

  #take(batch: EventBatch): void {
    // First, so that the thread packs the next batch while this one is handed out.
    this.#post({ kind: 'credit' })
    // Listeners find the state that belongs to their event. A session counts what was handed out.
    this.#inform(batch)
    readBatch(batch, {
      dispatch: (shardId, ...event) => this.#shards.get(shardId)?.dispatched(...event),
      lifecycle: (shardId, type, packedData) => this.#shards.get(shardId)?.happened(type, packedData),
    })
    this.#reachSessions(batch)
  }

  #inform({ infos }: Pick<EventBatch, 'infos'>): void {
    for (const info of infos) this.#shards.get(info.id)?.informed(info)
  }

  #reachSessions({ sessions }: Pick<EventBatch, 'sessions'>): void {
    for (const { shardId, session } of sessions) this.#shards.get(shardId)?.sessionReached(session)
  }

  /** Without being asked every shard tells its state in this interval, so that nobody finds an old one. */
  #lookAgain(): void {
    this.#lookTimer = this.#options.clock.setTimeout(() => {
      for (const shard of this.#shards.values()) shard.look()
      this.#lookAgain()
    }, lookIntervalMs)
  }

  #crashed(failure: unknown, exitCode: number): void {
    this.#worker = undefined
    this.#desk.abandon()
    const { clock, random } = this.#options
    clock.clearTimeout(this.#lookTimer)
    this.#crashes = clock.now() - this.#startedAtMs >= stableAfterMs ? 1 : this.#crashes + 1
    const what = failure instanceof Error ? failure.message : `exit code ${exitCode}`
    const shards = [...this.#shards.values()].filter((shard) => shard.isStarted)
    if (this.#crashes > mostCrashes) {
      const reason = new ClosedError(
        'THREAD_CRASHED',
        `a shard thread crashed ${this.#crashes} times in a row, at last with: ${what}`,
        { cause: failure },
      )
      for (const shard of shards) shard.abandoned(reason)
      return
    }
    const delayMs = Math.min(respawnMs.cap, respawnMs.base * 2 ** (this.#crashes - 1)) * (0.5 + random() / 2)
    const error = new GatewayError('THREAD_CRASHED', `a shard thread crashed: ${what}`, { cause: failure })
    this.#respawnTimer = clock.setTimeout(() => this.#respawn(), delayMs)
    for (const shard of shards) shard.threadCrashed(error, this.#crashes, delayMs)
  }

  #respawn(): void {
    this.#respawnTimer = undefined
    const shards = [...this.#shards.values()].filter((shard) => shard.isStarted)
    if (shards.length === 0) return
    this.#worker = this.#spawn()
    for (const shard of shards) shard.begin()
  }

  #end(): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#lookTimer)
    clock.clearTimeout(this.#respawnTimer)
    this.#respawnTimer = undefined
    const worker = this.#worker
    this.#worker = undefined
    this.#desk.abandon()
    void worker?.terminate()
  }
}
