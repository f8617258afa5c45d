import type { Agent } from 'node:http'

import { systemClock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import { limits } from '../protocol/limits.ts'
import { defaultBackoff, type BackoffOptions } from '../session/backoff.ts'
import { bareToken, checkToken } from '../token.ts'
import type { Encoding, PayloadCodec } from '../wire/codec.ts'
import { EtfCodec } from '../wire/etf/etf-codec.ts'
import type { Compression, ZlibLibrary } from '../wire/inflate/inflater.ts'
import { loadZlibSync } from '../wire/inflate/zlib-sync-decoder.ts'
import { JsonCodec } from '../wire/json-codec.ts'
import { checkTls } from '../wire/tls-context.ts'
import { resolveAgent } from './agent-module.ts'
import { ConnectGate } from './connect-gate.ts'
import type { CommonOptions, ShardTimeouts } from './shard-options.ts'

export const defaultTimeouts: ShardTimeouts = {
  connectMs: 15_000,
  helloMs: 20_000,
  readyMs: 30_000,
  resumedMs: 60_000,
  closeMs: 5_000,
  storeMs: 10_000,
}

/** Options with every default filled in. The token has no prefix. */
export type ResolvedOptions = Required<
  Omit<
    CommonOptions,
    | 'capabilities'
    | 'agent'
    | 'tls'
    | 'eventTypes'
    | 'encoding'
    | 'deserializer'
    | 'threads'
    | 'timeouts'
    | 'backoff'
    | 'identifyProperties'
    | 'sessionStore'
  >
> &
  Pick<CommonOptions, 'capabilities' | 'tls' | 'eventTypes' | 'sessionStore'> & {
    readonly agent: Agent | undefined
    readonly codec: PayloadCodec
    /** Shared by the shards of these options. */
    readonly connectGate: ConnectGate
    /** What the session reads by, if not by `codec`: HELLO and READY do not go through a deserializer of the user's. */
    readonly sessionCodec: PayloadCodec | undefined
    readonly timeouts: ShardTimeouts
    readonly backoff: BackoffOptions
    readonly identifyProperties: { readonly os: string; readonly browser: string; readonly device: string }
  }

const encodings: readonly Encoding[] = ['json', 'etf']
const compressions: readonly Compression[] = ['zstd-stream', 'zlib-stream', 'payload', 'none']

/** Checks options and fills in the defaults. @throws ConfigError CONFIG_INVALID */
export function resolveOptions(options: CommonOptions): ResolvedOptions {
  checkObject('options', options)
  const { largeThreshold = limits.largeThreshold.min, compression = 'zstd-stream' } = options
  const { clock = systemClock, connectsAtOnce = 32 } = options
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
  if (options.tls !== undefined) checkTls(options.tls)
  const resolved: ResolvedOptions = {
    token: bareToken(options.token),
    intents: options.intents,
    compression,
    codec: checkedCodec(options),
    zlib: checkedZlib(options.zlib),
    largeThreshold,
    sessionCodec: options.deserializer === undefined ? undefined : new JsonCodec(),
    eventTypes: options.eventTypes,
    capabilities: options.capabilities,
    agent: resolveAgent(options.agent),
    tls: options.tls,
    identifyProperties: {
      os: process.platform,
      browser: 'twilight-gateway',
      device: 'twilight-gateway',
      ...options.identifyProperties,
    },
    sessionStore: checkedStore(options.sessionStore),
    sessionSaveIntervalMs: options.sessionSaveIntervalMs ?? 1_000,
    rateLimit: options.rateLimit ?? true,
    commandQueueLimit: options.commandQueueLimit ?? 1_000,
    highWaterMark: options.highWaterMark ?? 1_000,
    connectsAtOnce,
    connectGate: new ConnectGate(connectsAtOnce, clock),
    highWaterBytes: options.highWaterBytes ?? 64 * 1024 * 1024,
    maxMessageBytes: options.maxMessageBytes ?? 64 * 1024 * 1024,
    maxInflatedBytes: options.maxInflatedBytes ?? 128 * 1024 * 1024,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    backoff: { ...defaultBackoff, ...options.backoff },
    clock,
    random: options.random ?? Math.random,
  }
  checkInteger('sessionSaveIntervalMs', resolved.sessionSaveIntervalMs, 1, 2 ** 31 - 1)
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
  'connectsAtOnce',
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

function checkedCodec({ encoding = 'json', deserializer }: CommonOptions): PayloadCodec {
  if (!encodings.includes(encoding)) {
    throw ConfigError.option('encoding', encoding, `one of ${encodings.join(', ')}`)
  }
  const checked = checkedDeserializer(deserializer)
  if (encoding === 'json') return new JsonCodec(checked)
  if (checked === undefined) return new EtfCodec()
  throw ConfigError.option('deserializer', checked, "absent with encoding 'etf': it parses JSON")
}

function checkedZlib(zlib: ZlibLibrary = 'node'): ZlibLibrary {
  if (zlib === 'zlib-sync') loadZlibSync()
  else if (zlib !== 'node') throw ConfigError.option('zlib', zlib, 'node or zlib-sync')
  return zlib
}

function checkedDeserializer(deserializer: CommonOptions['deserializer']): typeof deserializer {
  if (deserializer === undefined || typeof deserializer?.parse === 'function') return deserializer
  throw ConfigError.option('deserializer', deserializer, 'an object with a parse function')
}

function checkedStore(store: CommonOptions['sessionStore']): typeof store {
  const methods = ['load', 'save', 'delete', 'flush'] as const
  if (store === undefined || methods.every((method) => typeof store?.[method] === 'function')) return store
  throw ConfigError.option('sessionStore', store, `an object with the functions ${methods.join(', ')}`)
}

function checkObject(option: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return
  // Not through ConfigError.option: a string in the place of the options is likely the token.
  throw new ConfigError(
    'CONFIG_INVALID',
    `${option} must be an object, got ${value === null ? 'null' : typeof value}`,
    {
      context: { option, allowed: 'an object' },
    },
  )
}
