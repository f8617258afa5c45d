import { createSecureContext } from 'node:tls'

import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { bits, count, fail, flag, oneOf, positive, range, within } from './option-check.ts'
import type { BotOptions, ChannelObfuscation, EmulatorOptions, SessionStartLimit } from './options.ts'
import { allIntents } from './protocol/intent.ts'
import { Limit } from './protocol/limit.ts'
import { defaultSwitches, switchValues } from './switches.ts'
import type { Switches } from './switches.ts'
import type { WorldOptions } from './traffic/world.ts'

/** {@link EmulatorOptions} with every default filled in. */
export interface Settings {
  readonly shards: number
  readonly maxConcurrency: number
  readonly sessionStartLimit: Required<SessionStartLimit>
  readonly shardCountBase: number
  readonly guildsPerShard: number
  readonly host: string
  readonly port: number
  readonly resumePort: number
  readonly tls: EmulatorOptions['tls'] | undefined
  readonly bots: readonly Required<Omit<BotOptions, 'token'>>[]
  readonly tokens: readonly (string | undefined)[]
  readonly heartbeatIntervalMs: number
  readonly heartbeatGrace: number
  readonly identifyWindowMs: number
  readonly sessionTtlMs: number
  readonly replayCap: number | undefined
  readonly invalidSessionDelayMs: readonly [min: number, max: number]
  readonly reconnectDelayMs: readonly [min: number, max: number]
  readonly guildBackfillMs: number
  readonly payloadCompressionBytes: number
  readonly zstdLevel: number
  readonly maxBufferedBytes: number
  readonly frameLogCap: number
  readonly switches: Switches
  readonly channelObfuscation: ChannelObfuscation
  readonly control: boolean
  readonly clock: Clock
  readonly seed: number
}

const defaultHost = '127.0.0.1'
const maxPort = 65_535
/** The largest delay that a Node.js timer keeps. */
const maxDelayMs = 2 ** 31 - 1
const maxZstdLevel = 22

/**
 * Fills in the defaults.
 * @throws RangeError that names the first option out of range, TypeError for `tls` that is no certificate and key.
 */
export function resolveOptions(options: EmulatorOptions): Settings {
  const bots = options.bots ?? [{}]
  if (bots.length === 0) fail('bots', bots, 'at least one bot')
  return {
    shards: positive('shards', options.shards ?? 1),
    maxConcurrency: positive('maxConcurrency', options.maxConcurrency ?? 1),
    sessionStartLimit: startLimit(options.sessionStartLimit ?? {}),
    shardCountBase: positive('shardCountBase', options.shardCountBase ?? 1),
    guildsPerShard: positive('guildsPerShard', options.guildsPerShard ?? Limit.guildsPerShard),
    host: host(options.host ?? defaultHost),
    port: count('port', options.port ?? 0, maxPort),
    resumePort: count('resumePort', options.resumePort ?? 0, maxPort),
    tls: options.tls === undefined ? undefined : usableTls(options.tls),
    bots: bots.map((bot, index) => ({
      privilegedIntents: bits(
        `bots[${index}].privilegedIntents`,
        bot.privilegedIntents ?? options.privilegedIntents ?? allIntents,
      ),
      world: world(bot.world ?? options.world ?? {}),
    })),
    tokens: tokens(bots),
    heartbeatIntervalMs: positive('heartbeatIntervalMs', options.heartbeatIntervalMs ?? 41_250, maxDelayMs),
    heartbeatGrace: within('heartbeatGrace', options.heartbeatGrace ?? 1.5, 1),
    identifyWindowMs: within('identifyWindowMs', options.identifyWindowMs ?? 5000, 0),
    sessionTtlMs: within('sessionTtlMs', options.sessionTtlMs ?? 180_000, 0, maxDelayMs),
    replayCap: options.replayCap === undefined ? undefined : positive('replayCap', options.replayCap),
    invalidSessionDelayMs: range('invalidSessionDelayMs', options.invalidSessionDelayMs ?? [1000, 5000]),
    reconnectDelayMs: range('reconnectDelayMs', options.reconnectDelayMs ?? [1000, 5000]),
    guildBackfillMs: within('guildBackfillMs', options.guildBackfillMs ?? 20, 0, maxDelayMs),
    payloadCompressionBytes: count('payloadCompressionBytes', options.payloadCompressionBytes ?? 1024),
    zstdLevel: positive('zstdLevel', options.zstdLevel ?? 3, maxZstdLevel),
    maxBufferedBytes: positive('maxBufferedBytes', options.maxBufferedBytes ?? 256 * 1024 * 1024),
    frameLogCap: count('frameLogCap', options.frameLogCap ?? 100_000),
    switches: switches(options.switches ?? {}),
    channelObfuscation: oneOf('channelObfuscation', options.channelObfuscation ?? 'all', [
      'all',
      'opt-in',
      'off',
    ]),
    control: flag('control', options.control ?? isLoopback(options.host ?? defaultHost)),
    clock: options.clock ?? systemClock,
    seed: count('seed', options.seed ?? 1),
  }
}

function startLimit(limit: SessionStartLimit): Required<SessionStartLimit> {
  const total = positive('sessionStartLimit.total', limit.total ?? 1000)
  return {
    total,
    remaining: count('sessionStartLimit.remaining', limit.remaining ?? total, total),
    resetAfterMs: positive('sessionStartLimit.resetAfterMs', limit.resetAfterMs ?? 86_400_000),
  }
}

function host(value: string): string {
  if (typeof value !== 'string' || value === '') fail('host', value, 'an address or name')
  return value
}

/** Whether only this machine can connect to an address. */
function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

function world(options: WorldOptions): WorldOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) count(`world.${name}`, value)
  }
  return options
}

function tokens(bots: readonly BotOptions[]): readonly (string | undefined)[] {
  const given = bots.map(({ token }) => token)
  for (const [index, token] of given.entries()) {
    if (token === undefined) continue
    const usable = typeof token === 'string' && token !== '' && !token.startsWith('Bot ')
    // The value stays out of the message: somebody may have pasted a real one.
    if (!usable) throw new RangeError(`twilight-emulator: option bots[${index}].token is not a bare token`)
    if (given.indexOf(token) !== index) {
      throw new RangeError(`twilight-emulator: option bots[${index}].token is the token of another bot`)
    }
  }
  return given
}

function switches(given: Partial<Switches>): Switches {
  for (const [name, value] of Object.entries(given)) {
    const values: readonly unknown[] | undefined = new Map(Object.entries(switchValues)).get(name)
    if (values === undefined) fail('switches', name, `one of ${Object.keys(switchValues).join(', ')}`)
    if (value !== undefined) oneOf(`switches.${name}`, value, values)
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...defaultSwitches, ...set }
}

function usableTls(tls: NonNullable<EmulatorOptions['tls']>): NonNullable<EmulatorOptions['tls']> {
  try {
    if (!hasText(tls.key) || !hasText(tls.cert)) throw new TypeError('key or cert is missing')
    createSecureContext({ key: tls.key, cert: tls.cert })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TypeError(
      `twilight-emulator: option tls needs a private key and its certificate as PEM texts: ${reason}`,
      { cause: error },
    )
  }
  return tls
}

function hasText(value: unknown): boolean {
  return (typeof value === 'string' || Buffer.isBuffer(value)) && value.length > 0
}
