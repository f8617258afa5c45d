import type { ClientFrame, ConnectionRecord, IdentifyRecord, ResumeRecord, Violation } from './report.ts'

/** What tests can wait for; the value is what the waiter gets. */
export interface Signals {
  /** A socket was upgraded. */
  connection: Readonly<ConnectionRecord>
  /** A socket is gone. */
  disconnect: Readonly<ConnectionRecord>
  /** Any message from a client, valid or not. */
  frame: ClientFrame
  /** An op 1. */
  heartbeat: ClientFrame
  /** An op 2 was answered, or refused: see `outcome`. */
  identify: IdentifyRecord
  /** An op 6 was answered, or refused: see `outcome`. */
  resume: ResumeRecord
  /** The GUILD_CREATEs after READY are out: a client knows its channels once it has read so far. */
  guilds: { readonly sessionId: string; readonly shardId: number }
  /** A session ended for good. */
  'session-end': { readonly sessionId: string; readonly shardId: number; readonly reason: string }
  violation: Violation
}

/** Name of a signal. */
export type SignalName = keyof Signals

/** Options of a wait. */
export interface WaitOptions {
  /** Real milliseconds, whatever the clock. Default 10,000. */
  readonly timeoutMs?: number
}

type Listeners = { readonly [Name in SignalName]: Set<(value: Signals[Name]) => void> }

/** Lets tests await what happens instead of sleeping. */
export class SignalHub {
  readonly #listeners: Listeners = {
    connection: new Set(),
    disconnect: new Set(),
    frame: new Set(),
    heartbeat: new Set(),
    identify: new Set(),
    resume: new Set(),
    guilds: new Set(),
    'session-end': new Set(),
    violation: new Set(),
  }
  readonly #conditions = new Set<() => void>()
  readonly #timers = new Set<NodeJS.Timeout>()

  /** Calls `listener` on each such signal; the returned function ends that. */
  on<Name extends SignalName>(name: Name, listener: (value: Signals[Name]) => void): () => void {
    const listeners = this.#listeners[name]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  emit<Name extends SignalName>(name: Name, value: Signals[Name]): void {
    for (const listener of this.#listeners[name]) listener(value)
    this.changed()
  }

  /** Tells waiting conditions to look again. */
  changed(): void {
    for (const check of this.#conditions) check()
  }

  /** From now on those who wait do not keep the process alive. */
  unref(): void {
    for (const timer of this.#timers) timer.unref()
  }

  /** Resolves with the next signal that fits; rejects at the timeout, and with what `fits` throws. */
  async waitFor<Name extends SignalName>(
    name: Name,
    fits: (value: Signals[Name]) => boolean = () => true,
    options: WaitOptions = {},
  ): Promise<Signals[Name]> {
    const { promise, resolve, reject } = Promise.withResolvers<Signals[Name]>()
    const off = this.on(name, (value) => {
      try {
        if (fits(value)) resolve(value)
      } catch (error) {
        reject(error)
      }
    })
    return this.#withTimeout(promise, reject, `signal ${name}`, options, off)
  }

  /**
   * Resolves once `condition` holds, now or after any later signal; rejects at the timeout, and with what
   * `condition` throws.
   */
  async until(condition: () => boolean, options: WaitOptions = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const check = (): void => {
      try {
        if (condition()) resolve()
      } catch (error) {
        reject(error)
      }
    }
    this.#conditions.add(check)
    check()
    return this.#withTimeout(promise, reject, 'condition', options, () => this.#conditions.delete(check))
  }

  async #withTimeout<T>(
    promise: Promise<T>,
    reject: (error: Error) => void,
    what: string,
    { timeoutMs = 10_000 }: WaitOptions,
    cleanUp: () => void,
  ): Promise<T> {
    const timer = setTimeout(
      () => reject(new Error(`twilight-emulator: no ${what} within ${timeoutMs} ms`)),
      timeoutMs,
    )
    this.#timers.add(timer)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#timers.delete(timer)
      cleanUp()
    }
  }
}
