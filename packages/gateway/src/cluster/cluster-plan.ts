import { ConfigError, GatewayError } from '../errors.ts'
import { defaultApiUrl, fetchGatewayBot, type GatewayBot } from '../http/gateway-bot.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import { InMemoryIdentifyQueue } from '../queue/in-memory-identify-queue.ts'
import { resolveOptions, type ResolvedOptions } from '../shard/resolve-options.ts'
import { defaultGatewayUrl } from '../shard/shard.ts'
import type { ClusterOptions } from './cluster-options.ts'
import { planShards, type ShardPlan } from './shard-plan.ts'

/** What must be known before a cluster can be made. */
export interface ClusterPlan {
  readonly common: ResolvedOptions
  readonly shards: ShardPlan
  readonly gatewayUrl: string
  readonly identifyQueue: IdentifyQueue
  readonly maxConcurrency: number
  /** Asks `/gateway/bot` again; an identify queue of ours learns the limits that it tells. */
  readonly ask: (signal?: AbortSignal) => Promise<GatewayBot>
}

/**
 * Checks the options, and asks `/gateway/bot` for what they leave open: the shard count, the URL, the identify limits.
 * @throws ConfigError CONFIG_INVALID; GatewayError HTTP_UNAUTHORIZED, HTTP_FAILED
 */
export async function planCluster(options: ClusterOptions): Promise<ClusterPlan> {
  const common = resolveOptions(options)
  const { shards = 'auto', apiUrl, fetch } = options
  if (fetch !== undefined && typeof fetch !== 'function')
    throw ConfigError.option('fetch', fetch, 'a function')
  if (shards !== 'auto') planShards(shards)
  const { token, clock, random } = common
  const ask = (signal?: AbortSignal): Promise<GatewayBot> =>
    fetchGatewayBot({
      token,
      clock,
      random,
      ...(apiUrl ? { apiUrl } : {}),
      ...(fetch ? { fetch } : {}),
      ...(signal ? { signal } : {}),
    })
  const isComplete =
    shards !== 'auto' && options.identifyQueue !== undefined && options.gatewayUrl !== undefined
  const bot = isComplete ? undefined : await ask(options.signal)
  const limit = bot?.sessionStartLimit
  const refetch = async (signal: AbortSignal): Promise<GatewayBot['sessionStartLimit']> =>
    (await ask(signal)).sessionStartLimit
  const own = options.identifyQueue ? undefined : new InMemoryIdentifyQueue({ ...limit, clock, refetch })
  return {
    common,
    shards: planShards(shards === 'auto' ? (bot?.shards ?? 1) : shards),
    gatewayUrl: options.gatewayUrl ?? (bot ? answeredUrl(bot.url, apiUrl) : defaultGatewayUrl),
    identifyQueue: options.identifyQueue ?? own ?? new InMemoryIdentifyQueue({ clock }),
    maxConcurrency: limit?.maxConcurrency ?? 1,
    ask: async (signal) => {
      const answer = await ask(signal)
      own?.update(answer.sessionStartLimit)
      return answer
    },
  }
}

/** A token that went to the API through TLS does not go on in plain text, unless the user says so by `gatewayUrl`. */
function answeredUrl(url: string, apiUrl = defaultApiUrl): string {
  const protocol = URL.parse(url)?.protocol
  if (protocol === 'wss:' || (protocol === 'ws:' && URL.parse(apiUrl)?.protocol === 'http:')) return url
  throw new GatewayError(
    'HTTP_FAILED',
    `the API at ${apiUrl} names the gateway ${url.slice(0, 200)}, which is no wss: URL: give it as gatewayUrl if it is right`,
    { context: { url } },
  )
}
