import type { PresenceUpdate } from '../protocol/commands.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { CommonOptions } from '../shard/shard-options.ts'
import type { Threads } from '../thread/thread-pool.ts'
import type { ShardScheme } from './shard-plan.ts'

/** Options of a cluster. */
export interface ClusterOptions extends CommonOptions {
  /** Which shards to run. Default `'auto'`. */
  readonly shards?: ShardScheme
  /**
   * How many worker threads hold the sockets, inflate, and keep sessions alive: a handler that blocks the main thread
   * then costs no connection. `'auto'` is one less than the machine has cores. Events arrive in batches, as bytes.
   * Names that `eventTypes` does not list are left out within the threads. Default 0: everything in this thread.
   */
  readonly threads?: Threads
  /** The presence to start with: one for all shards, or a function of the shard's id. */
  readonly presence?: PresenceUpdate | ((shardId: number) => PresenceUpdate | undefined)
  /** Where to connect at first. Default: what `/gateway/bot` says. */
  readonly gatewayUrl?: string
  /** Base of the HTTP API. Default `https://discord.com/api/v10`. */
  readonly apiUrl?: string
  /**
   * Where shards wait for the right to identify. All processes of a bot must share one. Default: in this process,
   * with the concurrency and the daily budget that `/gateway/bot` grants.
   */
  readonly identifyQueue?: IdentifyQueue
  /** Sessions to resume instead of identifying, as `downResumable` returned them; those of other shards are ignored. */
  readonly sessions?: readonly GatewaySession[]
}
