import { Emulator } from 'twilight-emulator'
import { allIntents, ConfigError, unprivilegedIntents } from 'twilight-gateway'

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
  readonly token: string
  readonly intents: number
  readonly apiUrl: string | undefined
  readonly gatewayUrl: string | undefined
  /** The embedded emulator, if that is the server. */
  readonly emulator: Emulator | undefined
}

/** Two identifies in five seconds, so that one sees the shards come up as they would on Discord. */
const maxConcurrency = 2
const guildsPerShard = 5

/**
 * Discord or the server that the options name, with the token of the environment; without a token an embedded emulator.
 * @throws ConfigError CONFIG_INVALID
 */
export async function openSource(options: SourceOptions, environment: NodeJS.ProcessEnv): Promise<Source> {
  const { api, gateway } = options
  const token = environment['DISCORD_TOKEN']
  if (token !== undefined && token !== '') {
    const name = gateway ?? api ?? 'Discord'
    return {
      name,
      token,
      intents: options.intents ?? unprivilegedIntents,
      apiUrl: api,
      gatewayUrl: gateway,
      emulator: undefined,
    }
  }
  if (api !== undefined || gateway !== undefined) {
    throw new ConfigError(
      'CONFIG_INVALID',
      '--api and --gateway need a token: set DISCORD_TOKEN to the one that the server accepts',
    )
  }
  const { shards = 4 } = options
  const emulator = await Emulator.start({
    shards,
    maxConcurrency,
    world: { guilds: shards * guildsPerShard },
  })
  return {
    name: 'the embedded emulator (set DISCORD_TOKEN for Discord)',
    token: emulator.token,
    intents: options.intents ?? allIntents,
    apiUrl: emulator.apiUrl,
    gatewayUrl: undefined,
    emulator,
  }
}
