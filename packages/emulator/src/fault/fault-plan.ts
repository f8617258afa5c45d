/** How identify and resume are answered during an outage (rule E40). */
export interface Outage {
  /** HTTP status for upgrades, for example 503 or 520; undefined lets them through. Default 503. */
  readonly upgradeStatus?: number | undefined
  /** Answer to identify and resume on sockets that are open. Default `'invalid-session'`. */
  readonly answer?: 'invalid-session' | 'silence'
}

/** Faults of a shard that last until they are lifted, new sockets included. */
export interface StickyFaults {
  /** Beats get no op 11. */
  withholdAcks: boolean
  /** Everything sent arrives this much later. */
  delayMs: number
  /** Each payload goes out in this many pieces: messages under zlib-stream, fragments otherwise. */
  splitInto: number
  /** Answers to op 4: as usual, none at all, or a VOICE_SERVER_UPDATE with a null endpoint. */
  voice: 'normal' | 'silent' | 'null-endpoint'
}

/** What new sockets meet before their shard is known. */
export interface Greeting {
  readonly kind: 'refuse' | 'silence' | 'reconnect-before' | 'reconnect-instead' | 'coalesce'
  /** For `refuse`. */
  readonly status: number
  left: number
}

const none: Readonly<StickyFaults> = { withholdAcks: false, delayMs: 0, splitInto: 1, voice: 'normal' }

/** Faults in force: for a shard, for all, and for sockets that are yet to come. */
export class FaultPlan {
  readonly #byShard = new Map<number, Partial<StickyFaults>>()
  #forAll: Partial<StickyFaults> = {}
  readonly #greetings: Greeting[] = []
  outage: Outage | undefined
  /** While set, READY names a port where nothing listens. */
  deadResumeHost = false

  /** Merges faults for one shard, or for all when `shard` is null. */
  set(shard: number | null, faults: Partial<StickyFaults>): void {
    if (shard === null) {
      this.#forAll = { ...this.#forAll, ...faults }
      this.#byShard.clear()
    } else {
      this.#byShard.set(shard, { ...this.#byShard.get(shard), ...faults })
    }
  }

  /** What holds for a shard; before a socket has named its shard only what holds for all. */
  of(shard: number | null): StickyFaults {
    return { ...none, ...this.#forAll, ...(shard !== null && this.#byShard.get(shard)) }
  }

  /** The next `times` sockets meet this. */
  greet(kind: Greeting['kind'], times: number, status = 0): void {
    this.#greetings.push({ kind, status, left: times })
  }

  /** Takes the greeting for a socket that arrives now. */
  nextGreeting(): Greeting | undefined {
    const greeting = this.#greetings[0]
    if (greeting === undefined) return undefined
    if (--greeting.left <= 0) this.#greetings.shift()
    return greeting
  }

  /** Lifts everything. */
  clear(): void {
    this.#byShard.clear()
    this.#forAll = {}
    this.#greetings.length = 0
    this.outage = undefined
    this.deadResumeHost = false
  }
}
