import type { Fetch } from '../http/gateway-bot.ts'
import type { PresenceUpdate } from '../protocol/commands.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { CommonOptions } from '../shard/shard-options.ts'
import type { AutoReshardOptions } from './auto-reshard.ts'
import type { ShardScheme } from './shard-plan.ts'

/** Options of a cluster. */
export interface ClusterOptions extends CommonOptions {
  /** Which shards to run. Default `'auto'`. */
  readonly shards?: ShardScheme
  /** The presence to start with: one for all shards, or a function of the shard's id. */
  readonly presence?: PresenceUpdate | ((shardId: number) => PresenceUpdate | undefined)
  /** Where to connect at first. Default: what `/gateway/bot` says. */
  readonly gatewayUrl?: string
  /** Base of the HTTP API. Default `https://discord.com/api/v10`. */
  readonly apiUrl?: string
  /**
   * What asks `/gateway/bot`, e.g. through a proxy or with a private root, which `agent` and `tls` are not for. It is
   * called again after 429, 5xx and failures of the network, and aborted at the deadline. Default: the global `fetch`.
   */
  readonly fetch?: Fetch
  /**
   * Where shards wait for the right to identify. All processes of a bot must share one. Default: in this process,
   * with the concurrency and the daily budget that `/gateway/bot` grants.
   */
  readonly identifyQueue?: IdentifyQueue
  /** Ends the wait of `Cluster.create` for `/gateway/bot`; a cluster that was made is stopped with `down`. */
  readonly signal?: AbortSignal
  /**
   * Reshards by itself when Discord recommends more shards than run, and when it closes with 4011 because a shard would
   * hold more than 2,500 guilds. Not for a cluster that runs a part of the bot's shards. Default false: `reshard` is
   * yours to call, and 4011 is fatal.
   */
  readonly autoReshard?: boolean | AutoReshardOptions
  /**
   * Sessions to resume instead of identifying, as `downResumable` returned them, whatever the session store holds; those
   * of other shards are ignored.
   */
  readonly sessions?: readonly GatewaySession[]
}
