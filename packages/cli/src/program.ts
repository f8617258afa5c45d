import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { version } from 'twilight-gateway'

import { runEmulate, type EmulateOptions } from './emulate/emulate.ts'
import { parseIntents } from './listen/intents.ts'
import { runListen, type ListenOptions } from './listen/listen.ts'
import { describeError } from './terminal/describe-error.ts'

/** Exit codes: what was asked for was done; it failed; the command line is wrong. */
const exitCode = { done: 0, failed: 1, usage: 2 } as const

/** Runs the command line's words and resolves with the exit code. */
export async function run(words: readonly string[]): Promise<number> {
  let isSuccess = true
  const program = createProgram((result) => (isSuccess = result))
  try {
    await program.parseAsync(words, { from: 'user' })
    return isSuccess ? exitCode.done : exitCode.failed
  } catch (error) {
    // Commander has said what was wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage
    process.stderr.write(`twilight: ${describeError(error)}\n`)
    return exitCode.failed
  }
}

function createProgram(ended: (isSuccess: boolean) => void): Command {
  const program = new Command('twilight')
    .description("Run a cluster on Discord's gateway in a terminal, or an emulator of that gateway.")
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help shows all options)')

  program
    .command('listen', { isDefault: true })
    .description(
      'Run a cluster and show its events: on Discord if DISCORD_TOKEN is set, else on an embedded emulator.',
    )
    .option(
      '-n, --shards <count>',
      'how many shards (default: what the API recommends; the emulator: 4)',
      positive,
    )
    .option('-s, --seconds <seconds>', 'stop after so many seconds (default: at Ctrl-C)', positiveNumber)
    .option('--json', 'print nothing but one line of JSON at the end')
    .option(
      '--api <url>',
      "base of another server's HTTP API, for example http://localhost:8080/api/v10",
      httpUrl,
    )
    .option('--gateway <url>', "another server's gateway, for example ws://localhost:8080", gatewayUrl)
    .option(
      '--intents <names>',
      'comma-separated names, or bits (default: all that need no enabling)',
      intents,
    )
    .addOption(
      new Option('--compression <kind>', 'transport compression')
        .choices(['zstd-stream', 'zlib-stream', 'payload', 'none'])
        .default('zstd-stream'),
    )
    .option('--rate <events>', 'emulator only: events a second (default: 20)', positiveNumber)
    .option('--faults', 'emulator only: break a connection every two seconds')
    .action(async (options: ListenOptions) => ended(await runListen(options, process.env)))

  program
    .command('emulate')
    .description("Play Discord's side of the gateway, for any client in any language, until Ctrl-C.")
    .option('-p, --port <port>', 'port of the gateway and of the HTTP API (0: any free one)', port, 8080)
    .option('--host <address>', 'interface to listen on', '127.0.0.1')
    .option('-n, --shards <count>', 'recommended number of shards', positive, 1)
    .option('--max-concurrency <count>', 'identifies in each five seconds', positive, 1)
    .option('--rate <events>', 'events a second (0: none)', notNegative, 20)
    .addOption(
      new Option('--profile <letter>', 'A: no presences, B: mostly presences, C: guilds at startup')
        .choices(['A', 'B', 'C'])
        .default('A'),
    )
    .option('--guilds <count>', "number of the bot's guilds", positive, 12)
    .option('--token <token>', 'the token that is accepted (default: one that is printed)')
    .option('--seed <number>', 'seed of the world and its events', notNegative, 1)
    .action(async (options: EmulateOptions) => ended(await runEmulate(options)))

  return program
}

function number(text: string, fits: (value: number) => boolean, expected: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && fits(value)) return value
  throw new InvalidArgumentError(`Expected ${expected}.`)
}

function positive(text: string): number {
  return number(text, (value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0')
}

function positiveNumber(text: string): number {
  return number(text, (value) => value > 0, 'a number above 0')
}

function notNegative(text: string): number {
  return number(text, (value) => value >= 0, 'a number of at least 0')
}

function port(text: string): number {
  return number(
    text,
    (value) => Number.isInteger(value) && value >= 0 && value < 65_536,
    'a port from 0 to 65535',
  )
}

function httpUrl(text: string): string {
  return checkedUrl(text, ['http:', 'https:'])
}

function gatewayUrl(text: string): string {
  return checkedUrl(text, ['ws:', 'wss:'])
}

function checkedUrl(text: string, protocols: readonly string[]): string {
  const url = URL.parse(text)
  if (url !== null && protocols.includes(url.protocol)) return text
  throw new InvalidArgumentError(
    `Expected a URL that begins with ${protocols.map((name) => `${name}//`).join(' or ')}.`,
  )
}

function intents(text: string): number {
  const bits = parseIntents(text)
  if (typeof bits === 'number') return bits
  throw new InvalidArgumentError(bits.problem)
}
