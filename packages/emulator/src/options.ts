import type { SecureContextOptions } from 'node:tls'

import type { Clock } from './clock.ts'
import type { Switches } from './switches.ts'
import type { WorldOptions } from './traffic/world.ts'
import type { TrafficProfile } from './traffic/traffic.ts'

/** The daily identify budget. Docs, *Gateway*, session start limit object. */
export interface SessionStartLimit {
  /** Identifies per period. Default 1000 [D]. */
  readonly total?: number
  /** Identifies left at the start. Default `total`. */
  readonly remaining?: number
  /** Milliseconds until `remaining` returns to `total`. Default 24 h [D]. */
  readonly resetAfterMs?: number
}

/** One bot that may log in. */
export interface BotOptions {
  /** Its token. Default: generated, in Discord's shape, from the seed. */
  readonly token?: string
  /** Privileged intents that the application was granted, as bits. Default: all of them. */
  readonly privilegedIntents?: number
  /** The guilds it is in. Default: {@link EmulatorOptions.world}. */
  readonly world?: WorldOptions
}

/** Background traffic. */
export interface TrafficOptions {
  /** Mix of events. Default `'A'`: no presences. */
  readonly profile?: TrafficProfile
  /** Events a second over all shards of a bot. Default 100. */
  readonly ratePerSecond?: number
  /** Default: the emulator's seed. */
  readonly seed?: number
}

/** Whose hidden channels are obfuscated: every bot's, those with capability `1<<15`, or nobody's (rule E42). */
export type ChannelObfuscation = 'all' | 'opt-in' | 'off'

/** Options of {@link Emulator.start}; each default is what Discord does, or is tagged `[I]` where nobody knows. */
export interface EmulatorOptions {
  /** Recommended shard count in `/gateway/bot`. Default 1. */
  readonly shards?: number
  /** Identifies per 5 s, in buckets of `shard_id % maxConcurrency`. Default 1. */
  readonly maxConcurrency?: number
  readonly sessionStartLimit?: SessionStartLimit
  /** If above 1, `num_shards` must be a multiple of it, else 4010 (large-bot sharding). Default 1. */
  readonly shardCountBase?: number
  /** Guilds that a shard may hold; more of them close with 4011. Default 2500 [D]. */
  readonly guildsPerShard?: number
  /** Interface to listen on. Default `127.0.0.1`. */
  readonly host?: string
  /** Port of the bootstrap gateway and of REST. Default 0: any free one. */
  readonly port?: number
  /** Port of `resume_gateway_url`, always another listener (rule E39). Default 0. */
  readonly resumePort?: number
  /** PEM texts; when given, both listeners speak TLS. The rest is as in `tls.createServer`, to play an old server. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer } & Pick<
    SecureContextOptions,
    'minVersion' | 'maxVersion' | 'ciphers'
  >
  /** Default: one bot with a generated token. */
  readonly bots?: readonly BotOptions[]
  /** The data of bots that bring none of their own. */
  readonly world?: WorldOptions
  /** Privileged intents of bots that name none. Default: all. */
  readonly privilegedIntents?: number
  /** Interval in Hello. Default 41,250 [O]. */
  readonly heartbeatIntervalMs?: number
  /** A socket is closed when no beat came for the interval times this. Default 1.5 [I]. */
  readonly heartbeatGrace?: number
  /** Default 5,000 [D]. */
  readonly identifyWindowMs?: number
  /** How long a session lives without a socket. Default 180,000 [I]. */
  readonly sessionTtlMs?: number
  /** Events kept for a resume. Default `max(100, min(3500, 75 × guilds))` of the shard [S 2016]. */
  readonly replayCap?: number
  /** Range of the pause before an op 9 that punishes an identify. Default [1000, 5000] [O]. */
  readonly invalidSessionDelayMs?: readonly [min: number, max: number]
  /** Range of the pause between op 7 and close 1001. Default [1000, 5000] [O]. */
  readonly reconnectDelayMs?: readonly [min: number, max: number]
  /** Time over which the GUILD_CREATEs after READY are spread. Default 20 [I]. 0 sends them at once. */
  readonly guildBackfillMs?: number
  /** Size from which `compress: true` sends zlib binary frames. Default 1024 [I]. */
  readonly payloadCompressionBytes?: number
  /** zstd level of `zstd-stream`. Default 3 [I]. */
  readonly zstdLevel?: number
  /** A socket whose unsent bytes pass this is dropped, its session kept. Default 256 MiB [I]. */
  readonly maxBufferedBytes?: number
  /** Client frames that the report keeps in full; older ones are only counted. Default 100,000. */
  readonly frameLogCap?: number
  readonly switches?: Partial<Switches>
  /** Default `'all'` (Discord since 2026-11-16). */
  readonly channelObfuscation?: ChannelObfuscation
  /** Starts background traffic at once. Default: none until `traffic.start`. */
  readonly traffic?: TrafficOptions
  /**
   * Serves {@link Emulator.controlUrl}: faults, dispatches and the report for whoever reaches the port, without a
   * password. Default: true if `host` is loopback, else false.
   */
  readonly control?: boolean
  readonly clock?: Clock
  /** Seed of everything random. Default 1. */
  readonly seed?: number
}
