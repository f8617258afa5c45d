import type { Session } from '../session/session.ts'
import { CappedLog } from './log.ts'
import type {
  ClientFrame,
  ConnectionRecord,
  EmulatorReport,
  IdentifyRecord,
  ResumeRecord,
  SessionRecord,
  Violation,
} from './report.ts'

/** How many connections, identifies, resumes, ended sessions and violations are kept each. */
const recordCap = 100_000

/** Collects what {@link EmulatorReport} shows; every list is bounded. */
export class Recorder {
  readonly connections = new CappedLog<ConnectionRecord>(recordCap)
  readonly identifies = new CappedLog<IdentifyRecord>(recordCap)
  readonly resumes = new CappedLog<ResumeRecord>(recordCap)
  readonly violations = new CappedLog<Violation>(recordCap)
  readonly endedSessions = new CappedLog<SessionRecord>(recordCap)
  readonly frames: CappedLog<ClientFrame>
  readonly refusedUpgrades: Record<number, number> = {}
  readonly #sentByType = new Map<string, number>()
  #sentEvents = 0
  #sentBytes = 0

  constructor(frameLogCap: number) {
    this.frames = new CappedLog(frameLogCap)
  }

  sentDispatch(type: string): void {
    this.#sentEvents++
    this.#sentByType.set(type, (this.#sentByType.get(type) ?? 0) + 1)
  }

  sentBytes(bytes: number): void {
    this.#sentBytes += bytes
  }

  refusedUpgrade(status: number): void {
    this.refusedUpgrades[status] = (this.refusedUpgrades[status] ?? 0) + 1
  }

  report(live: Iterable<Session>): EmulatorReport {
    return {
      connections: this.connections.toArray().map((connection) => ({ ...connection })),
      identifies: this.identifies.toArray(),
      resumes: this.resumes.toArray(),
      frames: this.frames.toArray(),
      frameCount: this.frames.count,
      sessions: [...this.endedSessions.toArray(), ...Array.from(live, sessionRecord)],
      violations: this.violations.toArray(),
      sent: {
        events: this.#sentEvents,
        byType: Object.fromEntries(this.#sentByType),
        bytes: this.#sentBytes,
      },
      refusedUpgrades: { ...this.refusedUpgrades },
    }
  }
}

/** A session as the report shows it. */
export function sessionRecord(session: Session): SessionRecord {
  return {
    bot: session.bot.index,
    sessionId: session.id,
    shardId: session.shardId,
    shardCount: session.shardCount,
    lastSequence: session.lastSequence,
    connected: session.link !== undefined,
    hasGuilds: session.hasGuilds,
    endReason: session.endReason ?? null,
  }
}
