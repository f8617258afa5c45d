import type { GatewaySession } from '../session/gateway-session.ts'
import type { SessionStore } from './session-store.ts'
import { plainSession, sessionKey } from './stored-session.ts'

/** Sessions in this process's memory: for tests, and for clusters that follow each other in one process. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, GatewaySession>()

  /** Everything that is stored, in no particular order. */
  get sessions(): readonly GatewaySession[] {
    return [...this.#sessions.values()]
  }

  load(shardId: number, shardCount: number): Promise<GatewaySession | undefined> {
    return Promise.resolve(this.#sessions.get(sessionKey(shardId, shardCount)))
  }

  save(session: GatewaySession): Promise<void> {
    this.#sessions.set(sessionKey(session.shardId, session.shardCount), plainSession(session))
    return Promise.resolve()
  }

  delete(shardId: number, shardCount: number): Promise<void> {
    this.#sessions.delete(sessionKey(shardId, shardCount))
    return Promise.resolve()
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }
}
