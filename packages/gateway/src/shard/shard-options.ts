import type { Agent } from 'node:http'

import { systemClock, type Clock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import type { PresenceUpdate } from '../protocol/commands.ts'
import { limits } from '../protocol/limits.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import { defaultBackoff, type BackoffOptions } from '../session/backoff.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { Compression } from '../wire/inflate/inflater.ts'
import type { TlsOptions } from '../wire/tls-context.ts'
import type { AnyEventType } from './listeners.ts'

/** Deadlines in milliseconds. */
export interface ShardTimeouts {
  /** TCP, TLS and the websocket upgrade together. Default 15,000. */
  readonly connectMs: number
  /** From the open socket to HELLO. Default 20,000. */
  readonly helloMs: number
  /** From IDENTIFY to READY; an INVALID_SESSION may take several seconds. Default 30,000. */
  readonly readyMs: number
  /** Longest silence during a replay. Default 60,000. */
  readonly resumedMs: number
  /** From our close frame to the peer's, then TCP is dropped. Default 5,000. */
  readonly closeMs: number
}

/** What shards and clusters have in common. */
export interface CommonOptions {
  /** The bot's token, with or without the `Bot ` prefix. It never leaves in a log, an error or JSON. */
  readonly token: string
  /** Bits of `Intents`, combined with `|`. */
  readonly intents: number
  /**
   * Transport compression. Default `zstd-stream`, the cheapest in bytes and time; `none` suits a proxy on the
   * same host; `payload` is the older way that compresses single payloads.
   */
  readonly compression?: Compression
  /**
   * Names of the dispatches you want; others cost no parsing and no object. Default: all. READY and RESUMED
   * must be named to be delivered; life-cycle events always are.
   */
  readonly eventTypes?: readonly AnyEventType[]
  /** Members from which a guild counts as large, 50 to 250: its offline members are left out. Default 50. */
  readonly largeThreshold?: number
  /** What the bot says it runs on. Default: this platform, `twilight-gateway` twice. */
  readonly identifyProperties?: { readonly os?: string; readonly browser?: string; readonly device?: string }
  /** IDENTIFY's `capabilities` bits. Default: the key is not sent. */
  readonly capabilities?: number
  /** Whether to keep Discord's send limits. Switch it off only behind a proxy that keeps them. Default true. */
  readonly rateLimit?: boolean
  /** Commands that may wait to be sent, per shard. Default 1,000. */
  readonly commandQueueLimit?: number
  /** Events that may wait for the consumer, per shard, before reading stops. Default 1,000. */
  readonly highWaterMark?: number
  /** Bytes of events that may wait for the consumer, in all, before reading stops. Default 64 MiB. */
  readonly highWaterBytes?: number
  /** Largest websocket message accepted. Default 64 MiB. */
  readonly maxMessageBytes?: number
  /** Largest inflated payload accepted. Default 128 MiB. */
  readonly maxInflatedBytes?: number
  readonly timeouts?: Partial<ShardTimeouts>
  /** How long to wait before reconnecting. */
  readonly backoff?: Partial<BackoffOptions>
  /** An agent for the connection, e.g. one that speaks to an HTTP or SOCKS proxy. */
  readonly agent?: Agent
  /** TLS settings, e.g. `ca` for a private root. */
  readonly tls?: TlsOptions
  /** Source of time; tests give a virtual one. */
  readonly clock?: Clock
  /** Source of jitter in [0, 1). Default `Math.random`. */
  readonly random?: () => number
}

/** Options of a single shard. */
export interface ShardOptions extends CommonOptions {
  /** `[id, count]`. Default `[0, 1]`. */
  readonly shard?: readonly [id: number, count: number]
  /** Where to connect at first; resumes follow what Discord says in READY. Default `wss://gateway.discord.gg`. */
  readonly gatewayUrl?: string
  /** The presence to start with. */
  readonly presence?: PresenceUpdate
  /**
   * Where to wait for the right to identify. All shards of a bot, wherever they run, must share one. Default: one of
   * this shard's own, enough for a bot of one shard: one identify per 5 s.
   */
  readonly identifyQueue?: IdentifyQueue
  /** A session to resume instead of identifying. */
  readonly session?: GatewaySession
}

export const defaultTimeouts: ShardTimeouts = {
  connectMs: 15_000,
  helloMs: 20_000,
  readyMs: 30_000,
  resumedMs: 60_000,
  closeMs: 5_000,
}

/** Options with every default filled in. The token has no prefix. */
export type ResolvedOptions = Required<
  Omit<
    CommonOptions,
    'capabilities' | 'agent' | 'tls' | 'eventTypes' | 'timeouts' | 'backoff' | 'identifyProperties'
  >
> &
  Pick<CommonOptions, 'capabilities' | 'agent' | 'tls' | 'eventTypes'> & {
    readonly timeouts: ShardTimeouts
    readonly backoff: BackoffOptions
    readonly identifyProperties: { readonly os: string; readonly browser: string; readonly device: string }
  }

const compressions: readonly Compression[] = ['zstd-stream', 'zlib-stream', 'payload', 'none']

/** Checks options and fills in the defaults. @throws ConfigError CONFIG_INVALID */
export function resolveOptions(options: CommonOptions): ResolvedOptions {
  checkObject('options', options)
  const { largeThreshold = limits.largeThreshold.min, compression = 'zstd-stream' } = options
  checkToken(options.token)
  checkInteger('intents', options.intents, 0, 2 ** 53 - 1, 'a sum of Intents bits')
  checkInteger('largeThreshold', largeThreshold, limits.largeThreshold.min, limits.largeThreshold.max)
  if (!compressions.includes(compression)) {
    throw ConfigError.option('compression', compression, `one of ${compressions.join(', ')}`)
  }
  if (options.eventTypes !== undefined && !Array.isArray(options.eventTypes)) {
    throw ConfigError.option('eventTypes', options.eventTypes, 'an array of event names')
  }
  if (options.capabilities !== undefined) checkInteger('capabilities', options.capabilities, 0, 2 ** 53 - 1)
  const resolved: ResolvedOptions = {
    token: options.token.replace(/^Bot /, ''),
    intents: options.intents,
    compression,
    largeThreshold,
    eventTypes: options.eventTypes,
    capabilities: options.capabilities,
    agent: options.agent,
    tls: options.tls,
    identifyProperties: {
      os: process.platform,
      browser: 'twilight-gateway',
      device: 'twilight-gateway',
      ...options.identifyProperties,
    },
    rateLimit: options.rateLimit ?? true,
    commandQueueLimit: options.commandQueueLimit ?? 1_000,
    highWaterMark: options.highWaterMark ?? 1_000,
    highWaterBytes: options.highWaterBytes ?? 64 * 1024 * 1024,
    maxMessageBytes: options.maxMessageBytes ?? 64 * 1024 * 1024,
    maxInflatedBytes: options.maxInflatedBytes ?? 128 * 1024 * 1024,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    backoff: { ...defaultBackoff, ...options.backoff },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
  for (const name of sizes) checkInteger(name, resolved[name], 1, 2 ** 53 - 1)
  for (const [name, ms] of Object.entries(resolved.timeouts))
    checkInteger(`timeouts.${name}`, ms, 1, 2 ** 31 - 1)
  for (const [name, ms] of Object.entries(resolved.backoff))
    checkInteger(`backoff.${name}`, ms, 0, 2 ** 31 - 1)
  return Object.freeze(resolved)
}

const sizes = [
  'commandQueueLimit',
  'highWaterMark',
  'highWaterBytes',
  'maxMessageBytes',
  'maxInflatedBytes',
] as const

/** @throws ConfigError CONFIG_INVALID */
export function checkShard(shard: readonly [id: number, count: number]): void {
  const [id, count] = shard
  checkInteger('shard[1]', count, 1, 2 ** 31 - 1, 'the number of shards, at least 1')
  checkInteger('shard[0]', id, 0, count - 1, `a shard id below the shard count ${count}`)
}

/** @throws ConfigError CONFIG_INVALID */
export function checkInteger(
  option: string,
  value: unknown,
  min: number,
  max: number,
  allowed = `an integer from ${min} to ${max}`,
): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return
  throw ConfigError.option(option, value, allowed)
}

function checkObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw ConfigError.option(option, value, 'an object')
}

function checkToken(token: unknown): void {
  if (typeof token === 'string' && /^(Bot )?[\w.~+/=-]+$/.test(token)) return
  // Not through ConfigError.option: it shows the value seen.
  const seen =
    typeof token !== 'string' ? typeof token : token === '' ? 'an empty string' : 'other characters'
  throw new ConfigError(
    'CONFIG_INVALID',
    `option token must be the bot token from the developer portal (letters, digits, dots), got ${seen}`,
    { context: { option: 'token' } },
  )
}
