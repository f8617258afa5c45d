import { Command, CommanderError, Option } from 'commander'
import { version } from 'twilight-gateway'

import { argument } from './arguments.ts'
import { runEmulate, type EmulateOptions } from './emulate/emulate.ts'
import { runListen, type ListenOptions } from './listen/listen.ts'
import { describeError } from './terminal/describe-error.ts'
import { UsageError } from './terminal/usage-error.ts'

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
    return error instanceof UsageError ? exitCode.usage : exitCode.failed
  }
}

function createProgram(ended: (isSuccess: boolean) => void): Command {
  const program = new Command('twilight')
    .description("Run a cluster on Discord's gateway in a terminal, or an emulator of that gateway.")
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help shows all options)')
    .addHelpText('after', exitCodesHelp)
  addListen(program, ended)
  addEmulate(program, ended)
  return program
}

function addListen(program: Command, ended: (isSuccess: boolean) => void): void {
  program
    .command('listen', { isDefault: true })
    .summary('run a cluster and show its events')
    .description(
      'Run a cluster and show its events: on Discord if DISCORD_TOKEN is set, else on an embedded emulator.',
    )
    .option('-n, --shards <count>', 'how many shards (default: as the API says, embedded: 4)', argument.count)
    .option('-s, --seconds <seconds>', 'stop after so many seconds (default: at Ctrl-C)', argument.seconds)
    .option('--json', 'print nothing but one line of JSON at the end')
    .option(
      '--api <url>',
      "another server's API, for example http://localhost:8080/api/v10",
      argument.httpUrl,
    )
    .option(
      '--gateway <url>',
      "another server's gateway, for example ws://localhost:8080",
      argument.gatewayUrl,
    )
    .option(
      '--intents <names>',
      'comma-separated names, bits, or all (default: all without privilege, embedded: all)',
      argument.intents,
    )
    .addOption(
      new Option('--compression <kind>', 'transport compression')
        .choices(['zstd-stream', 'zlib-stream', 'payload', 'none'])
        .default('zstd-stream'),
    )
    .option('--threads <count>', 'worker threads that hold the shards (default: none)', argument.count)
    .option('--rate <events>', 'embedded emulator: events a second (default: 10)', argument.rate)
    .option('--faults', 'embedded emulator: break a connection every two seconds')
    .addHelpText('after', listenHelp)
    .action(async (options: ListenOptions) => ended(await runListen(options, process.env)))
}

function addEmulate(program: Command, ended: (isSuccess: boolean) => void): void {
  program
    .command('emulate')
    .summary("play Discord's side of the gateway")
    .description("Play Discord's side of the gateway, for any client in any language, until Ctrl-C.")
    .option('-p, --port <port>', 'port of gateway and API (0: any free one)', argument.port, 8080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('-n, --shards <count>', 'shards that the API recommends', argument.count, 1)
    .option('--max-concurrency <count>', 'identifies in each five seconds', argument.count, 1)
    .option('--rate <events>', 'events a second (0: none)', argument.rateOrNone, 20)
    .addOption(
      new Option('--profile <letter>', 'A: no presences, B: mostly presences, C: guilds at startup')
        .choices(['A', 'B', 'C'])
        .default('A'),
    )
    .option('--guilds <count>', "the bot's guilds", argument.count, 12)
    .option('--token <token>', 'the token to accept (default: a made-up one)', argument.token)
    .option('--seed <number>', 'another number makes another world', argument.seed, 1)
    .option('--record <file>', 'write every event to a file, line by line')
    .option('--replay <file>', 'send a recording once the first client has its guilds')
    .option('--speed <factor>', 'of the replay (Infinity: as fast as clients read)', argument.speed, 1)
    .action(async (options: EmulateOptions) => ended(await runEmulate(options, process.env)))
}

const exitCodesHelp = `
Exit codes: 0 all was well, 1 it was not, 2 the command line is wrong.
"twilight <command> --help" explains a command.`

const listenHelp = `
Environment:
  DISCORD_TOKEN  the bot's token; without it an emulator is started in this process
  NO_COLOR       any value: no colours

--gateway without --api asks no API: one shard if --shards does not say otherwise, one identify in 5 s.

--json prints {"shards", "ready", "events", "eventsByType", "reconnects", "resumes", "missed", "duplicates",
"violations"}. On the embedded emulator, missed and duplicates come from comparing every session with what was sent in
it. Another server does not tell what it sent: missed counts the gaps in the sequences that arrived, and violations is
null. The exit code is 0 if all shards became ready and, on the embedded emulator, the last three are 0.`
