import type { GatewaySession } from '../session/gateway-session.ts'

/**
 * Where sessions outlive the process, so that the next one resumes instead of identifying. Give one to a shard or a
 * cluster with the option `sessionStore`: it loads before the start, saves what its consumer has acknowledged, and
 * deletes what Discord or you have ended.
 *
 * A session is found by its shard tuple, which is part of it: `[0, 1]` and `[0, 2]` are two. A store belongs to one
 * bot. It may be slow, and it may fail: the shard goes on, tells it (`SHARD_SESSION_STORE_ERROR`) and tries again. For
 * one shard, no call is made before the last has settled; calls for different shards come together.
 */
export interface SessionStore {
  /** The session that was saved last for this shard, or `undefined`. */
  load(shardId: number, shardCount: number): Promise<GatewaySession | undefined>
  /** Replaces the shard's session. Resolves when it outlives this process, should that die the next moment. */
  save(session: GatewaySession): Promise<void>
  /** Removes the shard's session, if there is one. */
  delete(shardId: number, shardCount: number): Promise<void>
  /** Resolves when all that was saved and deleted before outlives this machine too, as far as the store can do that. */
  flush(): Promise<void>
}
