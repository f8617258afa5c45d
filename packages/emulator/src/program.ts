import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { Emulator } from './emulator.ts'
import type { EmulatorOptions, TrafficOptions } from './options.ts'

/** What takes a value: its name there, and what it is. */
const valued = {
  host: ['ADDRESS', 'interface to listen on (default: 127.0.0.1)'],
  port: ['PORT', 'of the gateway, the REST API and the control (default: any free one)'],
  'resume-port': ['PORT', 'of resume_gateway_url (default: any free one)'],
  'tls-key': ['FILE', 'private key in PEM; with --tls-cert all is wss: and https:'],
  'tls-cert': ['FILE', 'certificate in PEM'],
  token: ['TOKEN', 'the token that is accepted (default: one that is printed)'],
  shards: ['COUNT', 'recommended number of shards (default: 1)'],
  'max-concurrency': ['COUNT', 'identifies in each five seconds (default: 1)'],
  guilds: ['COUNT', "number of the bot's guilds (default: 12)"],
  seed: ['NUMBER', 'of the guilds and of everything random (default: 1)'],
  rate: ['COUNT', 'background events a second (default: none)'],
  profile: ['LETTER', 'mix of the background: A no presences, B mostly presences, C guilds (default: A)'],
  record: ['FILE', 'record every dispatch'],
  replay: ['FILE', 'replay a recording once the first client has its guilds'],
  speed: ['FACTOR', 'of the replay; Infinity is as fast as clients read (default: 1)'],
} as const

type Values = { readonly [Name in keyof typeof valued]?: string | undefined }

/**
 * Serves an emulator until SIGINT or SIGTERM. Prints lines of JSON: where it is, once clients can connect, and how
 * recording and replay ended. Violations go to stderr. Resolves with the exit code: 2 for a wrong command line.
 */
export async function run(words: readonly string[]): Promise<number> {
  let options
  try {
    options = parse(words)
  } catch (error) {
    process.stderr.write(`${message(error)}\n${usage}`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(usage)
    return 0
  }
  try {
    await serve(options.values, options.emulator)
    return 0
  } catch (error) {
    process.stderr.write(`${message(error)}\n`)
    return 1
  }
}

async function serve(values: Values, options: EmulatorOptions): Promise<void> {
  const emulator = await Emulator.start(options)
  try {
    emulator.on('violation', ({ rule, shard, message: what }) => {
      process.stderr.write(
        `violation ${rule}, ${shard === null ? 'no shard yet' : `shard ${shard}`}: ${what}\n`,
      )
    })
    const { record, replay, speed } = values
    const recording = record === undefined ? undefined : await emulator.record(record)
    const interrupted = interruption()
    const { url, apiUrl, resumeUrl, controlUrl, token } = emulator
    print({ url, apiUrl, resumeUrl, controlUrl, token })
    const replayed = replay === undefined ? undefined : replayLater(emulator, replay, number('speed', speed))
    await Promise.race([
      interrupted,
      ...(replayed === undefined ? [] : [replayed.then(async () => interrupted)]),
    ])
    if (recording !== undefined) print({ recording: await recording.stop() })
  } finally {
    await emulator.stop()
  }
}

/** Resolves when the process is asked to end. */
async function interruption(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // `on`, not `once`: a signal can come twice, and one that nobody listens for kills the process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  // Who started us may have read the first line and closed the pipe.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  await promise
}

async function replayLater(emulator: Emulator, file: string, speed: number | undefined): Promise<void> {
  const ready = Promise.withResolvers<void>()
  const off = emulator.on('guilds', () => ready.resolve())
  await ready.promise
  off()
  print({ replay: await emulator.replay(file, { speed }) })
}

/** Undefined when help is wanted. @throws Error that names what is wrong. */
function parse(
  words: readonly string[],
): { readonly values: Values; readonly emulator: EmulatorOptions } | undefined {
  const { values } = parseArgs({
    args: [...words],
    allowNegative: true,
    options: {
      ...texts(),
      control: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { help, control, ...given } = values
  if (help === true) return undefined
  const { host, token, rate, profile, speed } = given
  number('speed', speed)
  const traffic = { ratePerSecond: number('rate', rate), profile: profile as TrafficOptions['profile'] }
  const seed = number('seed', given.seed)
  return {
    values: given,
    emulator: {
      host,
      control,
      seed,
      port: number('port', given.port),
      resumePort: number('resume-port', given['resume-port']),
      tls: tls(given['tls-key'], given['tls-cert']),
      shards: number('shards', given.shards),
      maxConcurrency: number('max-concurrency', given['max-concurrency']),
      bots: [{ token }],
      world: { seed, guilds: number('guilds', given.guilds) },
      ...(rate !== undefined && { traffic }),
    },
  }
}

function texts(): { readonly [Name in keyof typeof valued]: { readonly type: 'string' } } {
  const text = { type: 'string' } as const
  // Object.fromEntries forgets which names it was given.
  return Object.fromEntries(Object.keys(valued).map((name) => [name, text])) as ReturnType<typeof texts>
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isNaN(value)) throw new RangeError(`--${name} is ${JSON.stringify(text)}, expected a number`)
  return value
}

function tls(key: string | undefined, cert: string | undefined): EmulatorOptions['tls'] {
  if (key === undefined && cert === undefined) return undefined
  if (key === undefined || cert === undefined) throw new Error('--tls-key and --tls-cert go together')
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const usage = `twilight-emulator: Discord's gateway on this machine, until Ctrl-C

${Object.entries(valued)
  .map(([name, [value, what]]) => `  --${`${name} ${value}`.padEnd(24)} ${what}\n`)
  .join('')}  --[no-]control             scripting over HTTP (default: on, if only this machine can connect)
  --help                     this list

The first line it prints is JSON: url, apiUrl, resumeUrl, controlUrl, token. GET controlUrl lists what a test can do.
`
