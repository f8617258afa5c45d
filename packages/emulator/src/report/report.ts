/** A client rule that was broken. */
export type ViolationRule =
  | 'decode'
  | 'size'
  | 'frame-kind'
  | 'rate'
  | 'presence-rate'
  | 'opcode'
  | 'payload'
  | 'not-authenticated'
  | 'already-authenticated'
  | 'token'
  | 'shard'
  | 'sharding-required'
  | 'intents'
  | 'version'
  | 'query'
  | 'identify-spacing'
  | 'session-start-limit'
  | 'heartbeat-late'
  | 'resume'
  | 'member-list-rate'
  | 'slow-reader'

/** One broken rule. */
export interface Violation {
  readonly rule: ViolationRule
  readonly message: string
  readonly connection: number | null
  readonly shard: number | null
  readonly atMs: number
}

/** One message from a client. */
export interface ClientFrame {
  readonly connection: number
  /** Null until the connection identified or resumed. */
  readonly shard: number | null
  readonly atMs: number
  readonly bytes: number
  /** Null when it could not be decoded. */
  readonly op: number | null
  /** The decoded `d`, with any token replaced by `<redacted>`. */
  readonly data: unknown
}

/** One socket. */
export interface ConnectionRecord {
  readonly id: number
  /** Which listener it came in on: the bootstrap URL or `resume_gateway_url`. */
  readonly listener: 'bootstrap' | 'resume'
  readonly version: string
  readonly encoding: string
  readonly compression: string
  readonly openedAtMs: number
  shard: number | null
  closedAtMs: number | null
  /** 1006 when it ended without a close frame. */
  closeCode: number | null
  closedBy: 'client' | 'emulator' | null
}

/** One accepted or refused op 2. */
export interface IdentifyRecord {
  readonly connection: number
  readonly bot: number | null
  readonly shard: readonly [id: number, count: number]
  readonly intents: number
  readonly atMs: number
  /** `ready`, or what stopped it. */
  readonly outcome: string
}

/** One op 6. */
export interface ResumeRecord {
  readonly connection: number
  readonly sessionId: string
  readonly sequence: number
  readonly atMs: number
  /** `resumed`, or what stopped it. */
  readonly outcome: string
  /** Dispatches sent again. */
  readonly replayed: number
}

/** One session, ended ones included. Every sequence from 1 to `lastSequence` was dispatched in it. */
export interface SessionRecord {
  readonly bot: number
  readonly sessionId: string
  readonly shardId: number
  readonly shardCount: number
  readonly lastSequence: number
  readonly connected: boolean
  /** Whether its GUILD_CREATEs have followed READY. */
  readonly hasGuilds: boolean
  /** Null while the session lives. */
  readonly endReason: string | null
}

/** Everything the emulator saw and did; plain data, a snapshot. */
export interface EmulatorReport {
  readonly connections: readonly Readonly<ConnectionRecord>[]
  readonly identifies: readonly IdentifyRecord[]
  readonly resumes: readonly ResumeRecord[]
  /** The newest client frames, at most `frameLogCap`. */
  readonly frames: readonly ClientFrame[]
  /** All client frames ever. */
  readonly frameCount: number
  readonly sessions: readonly SessionRecord[]
  readonly violations: readonly Violation[]
  /** Dispatches written to sockets (replays included), by type, and all bytes of WebSocket messages. */
  readonly sent: {
    readonly events: number
    readonly byType: Readonly<Record<string, number>>
    readonly bytes: number
  }
  /** HTTP upgrades that were refused, by status. */
  readonly refusedUpgrades: Readonly<Record<number, number>>
}
