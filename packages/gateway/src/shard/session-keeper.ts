import type { Clock } from '../clock.ts'
import { GatewayError, TimeoutError } from '../errors.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { LifecycleData } from '../session/lifecycle.ts'
import type { SessionStore } from '../store/session-store.ts'
import { readSession } from '../store/stored-session.ts'
import type { ResolvedOptions } from './resolve-options.ts'

/** What the keeper tells a shard about its store. */
export type StoreFailure = LifecycleData['SHARD_SESSION_STORE_ERROR']

/** A shard as its keeper sees it. Neither call throws. */
export interface KeptShard {
  readonly id: number
  readonly shardCount: number
  /** Resolves when the shard has stopped for good. */
  readonly closed: Promise<unknown>
  /** The session with the sequence that the consumer has acknowledged. */
  resumable(): GatewaySession | undefined
  /** The store failed. */
  failed(failure: StoreFailure): void
}

export interface SessionKeeperOptions {
  readonly store: SessionStore
  /** From one look at the shards to the next. */
  readonly saveIntervalMs: number
  /** Deadline of each call of the store. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** The keeper that the options ask for, if they do. */
export function createKeeper(common: ResolvedOptions): SessionKeeper | undefined {
  const { sessionStore: store, sessionSaveIntervalMs: saveIntervalMs, timeouts, clock } = common
  return store && new SessionKeeper({ store, saveIntervalMs, timeoutMs: timeouts.storeMs, clock })
}

/** Between the attempts to load a session. */
const loadPausesMs = [250, 500, 1_000]

/** What is known of a shard's place in the store: this session is there, nothing is, or it may hold anything. */
type Stored = { readonly sessionId: string; readonly sequence: number } | 'nothing' | 'unknown'

/** A shard whose session is being kept. */
interface Entry {
  readonly shard: KeptShard
  stored: Stored
  /** The call of the store that has not settled, be it over its deadline. */
  pending: Promise<void> | undefined
}

/**
 * Keeps the sessions of shards in a store. It looks at all shards once in an interval, so that nothing is done for each
 * event, and begins all calls of the store in the same moment, so that the store can make one write of them. What a
 * shard leaves when it closes is saved, or deleted if nothing is left to resume, before `settled` resolves.
 *
 * The store may throw and hang: no method here rejects, and every call has a deadline.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions
  readonly #entries = new Set<Entry>()
  /** What `load` found out about shards that are not kept yet. */
  readonly #loaded = new WeakMap<KeptShard, Stored>()
  readonly #settled = new WeakMap<KeptShard, Promise<void>>()
  /** Errors that were told: that of a write that many shards share is told once. */
  readonly #told = new WeakSet()
  #timer: unknown

  constructor(options: SessionKeeperOptions) {
    this.#options = options
  }

  /**
   * The session to start a shard with, if the store has one. A store that fails is asked again within two seconds:
   * without its session the shard misses what happened since the last process ended.
   */
  async load(shard: KeptShard): Promise<GatewaySession | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const session = await this.#load(shard)
        this.#loaded.set(shard, session ?? 'nothing')
        return session
      } catch (error) {
        this.#tell(shard, 'load', error)
        const pauseMs = loadPausesMs[attempt]
        if (pauseMs === undefined || isFinal(error)) return undefined
        await this.#pause(pauseMs)
      }
    }
  }

  /** Begins to keep a shard's session, until the shard closes. */
  keep(shard: KeptShard): void {
    const entry: Entry = { shard, stored: this.#loaded.get(shard) ?? 'unknown', pending: undefined }
    this.#entries.add(entry)
    this.#settled.set(shard, this.#finish(entry))
    if (this.#entries.size === 1) this.#schedule()
  }

  /** Resolves when the store has, if it can, what a closed shard left; at once for a shard that was not kept. */
  async settled(shard: KeptShard): Promise<void> {
    await this.#settled.get(shard)
  }

  async #load({ id, shardCount }: KeptShard): Promise<GatewaySession | undefined> {
    const { store } = this.#options
    const found = await this.#inTime('load', async () => store.load(id, shardCount))
    if (found === undefined) return undefined
    const session = readSession(found)
    if (session?.shardId === id && session.shardCount === shardCount) return session
    throw new GatewayError(
      'STORE_CORRUPT',
      `the session store has something for shard [${id}, ${shardCount}] that is no session of it`,
      { context: { id, shardCount } },
    )
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimeout(resolve, delayMs)
    })
  }

  #schedule(): void {
    const { clock, saveIntervalMs } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#schedule()
      for (const entry of this.#entries) void this.#write(entry)
    }, saveIntervalMs)
  }

  async #finish(entry: Entry): Promise<void> {
    const { clock, store } = this.#options
    await entry.shard.closed
    this.#entries.delete(entry)
    if (this.#entries.size === 0) clock.clearTimeout(this.#timer)
    if (entry.pending !== undefined)
      await this.#inTime('save', async () => entry.pending).catch(() => undefined)
    if (!(await this.#write(entry))) return
    try {
      await this.#inTime('flush', async () => store.flush())
    } catch (error) {
      this.#tell(entry.shard, 'flush', error)
    }
  }

  /** Brings the store to where the shard is. @returns whether it is there now */
  async #write(entry: Entry): Promise<boolean> {
    // One call at a time: an old save that comes late must not replace a newer one.
    if (entry.pending !== undefined) return false
    const { id, shardCount } = entry.shard
    const { store } = this.#options
    const session = entry.shard.resumable()
    if (isStored(entry.stored, session)) return true
    // Also a call that fails may have done its work.
    entry.stored = 'unknown'
    const operation = session ? 'save' : 'delete'
    try {
      await this.#inTime(operation, () => {
        const pending = (async () => (session ? store.save(session) : store.delete(id, shardCount)))()
        const hasSettled = (): void => void (entry.pending = undefined)
        entry.pending = pending
        pending.then(hasSettled, hasSettled)
        return pending
      })
    } catch (error) {
      this.#tell(entry.shard, operation, error)
      return false
    }
    entry.stored = session ?? 'nothing'
    return true
  }

  async #inTime<Result>(operation: StoreFailure['operation'], call: () => Promise<Result>): Promise<Result> {
    const { clock, timeoutMs } = this.#options
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = clock.setTimeout(() => {
      const what = `the session store did not answer ${operation} within ${timeoutMs} ms`
      reject(new TimeoutError('TIMEOUT_STORE', `${what}: the shard goes on without it`))
    }, timeoutMs)
    try {
      return await Promise.race([call(), late])
    } finally {
      clock.clearTimeout(timer)
    }
  }

  #tell(shard: KeptShard, operation: StoreFailure['operation'], error: unknown): void {
    if (typeof error === 'object' && error !== null) {
      if (this.#told.has(error)) return
      this.#told.add(error)
    }
    shard.failed({ error, operation })
  }
}

/** Whether asking again would only take the same time, or bring the same thing. */
function isFinal(error: unknown): boolean {
  return (
    GatewayError.isGatewayError(error) && (error.code === 'TIMEOUT_STORE' || error.code === 'STORE_CORRUPT')
  )
}

function isStored(stored: Stored, session: GatewaySession | undefined): boolean {
  if (session === undefined) return stored === 'nothing'
  if (typeof stored === 'string') return false
  // A session's id comes with its URL and its shard: nothing else of it changes.
  return stored.sessionId === session.sessionId && stored.sequence === session.sequence
}
