import { Emulator } from 'twilight-emulator'
import { allIntents, InMemoryIdentifyQueue, unprivilegedIntents, type ClusterOptions } from 'twilight-gateway'

import { UsageError } from '../terminal/usage-error.ts'

/** Which server, and how to speak to it. */
export interface SourceOptions {
  readonly shards?: number
  readonly api?: string
  readonly gateway?: string
  readonly intents?: number
  readonly rate?: number
  readonly faults?: boolean
}

/** The server that a run listens to. */
export interface Source {
  /** For the first line on the screen. */
  readonly name: string
  readonly cluster: ClusterOptions
  /** The embedded emulator, if that is the server. */
  readonly emulator: Emulator | undefined
}

/** Two identifies in five seconds, so that one sees the shards come up as they would on Discord. */
const maxConcurrency = 2
const defaultShards = 4
const guildsPerShard = 5
/** Events a second: lively, and still readable. */
const defaultRate = 10
/** Far more often than on Discord, so that a short run has latencies to show. */
const heartbeatIntervalMs = 5_000
/** A process that is alone with its own emulator need not spare it: it comes back soon from any fault. */
const backoff = { resumeCapMs: 2_000, identifyCapMs: 5_000 }
/** Seconds of traffic that a resume can bring back: more than any fault and backoff above takes. */
const replaySeconds = 30

/**
 * Discord or the server that the options name, with the token of the environment; without a token an embedded emulator.
 * @throws UsageError for options that do not fit together
 */
export async function openSource(options: SourceOptions, environment: NodeJS.ProcessEnv): Promise<Source> {
  const token = environment['DISCORD_TOKEN']
  if (token !== undefined && token !== '') return remote(options, token)
  if (options.api !== undefined || options.gateway !== undefined) {
    throw new UsageError('--api and --gateway need DISCORD_TOKEN: set it to a token that the server accepts')
  }
  return embedded(options)
}

function remote(options: SourceOptions, token: string): Source {
  const { api, gateway, shards, intents = unprivilegedIntents } = options
  if (options.faults === true || options.rate !== undefined) {
    throw new UsageError('--rate and --faults are for the embedded emulator: unset DISCORD_TOKEN')
  }
  // A gateway alone: Discord's API knows nothing about it and is not asked.
  const alone = gateway !== undefined && api === undefined
  const cluster: ClusterOptions = {
    token,
    intents,
    ...(shards === undefined ? {} : { shards }),
    ...(api === undefined ? {} : { apiUrl: api }),
    ...(gateway === undefined ? {} : { gatewayUrl: gateway }),
    ...(alone ? { shards: shards ?? 1, identifyQueue: new InMemoryIdentifyQueue() } : {}),
  }
  return { name: gateway ?? api ?? 'Discord', cluster, emulator: undefined }
}

async function embedded(options: SourceOptions): Promise<Source> {
  const { shards = defaultShards, rate = defaultRate, intents = allIntents } = options
  const emulator = await Emulator.start({
    shards,
    maxConcurrency,
    heartbeatIntervalMs,
    replayCap: Math.ceil(rate * replaySeconds) + 100,
    frameLogCap: 1_000,
    world: { guilds: shards * guildsPerShard },
    traffic: { ratePerSecond: rate },
  })
  const { token, apiUrl } = emulator
  return {
    name: 'the embedded emulator',
    cluster: { token, intents, shards, apiUrl, backoff },
    emulator,
  }
}
