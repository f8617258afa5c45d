/** Runs an example: against the real Discord if DISCORD_TOKEN is set, else against an emulator started here. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { Emulator } from 'twilight-emulator'

interface Example {
  readonly sentence: string
  /** How often it runs against one emulator, for a resume shows only in the second run; or it brings its own, and ends. */
  readonly kind: 'once' | 'twice' | 'by-itself'
}

const examples: ReadonlyMap<string, Example> = new Map([
  ['cluster', { kind: 'once', sentence: 'brings a cluster up in the background and prints every event' }],
  ['shard', { kind: 'once', sentence: 'prints new messages from a single shard' }],
  ['commands', { kind: 'once', sentence: 'sets a presence and asks for the members of each guild' }],
  [
    'resume',
    { kind: 'twice', sentence: 'stops at Ctrl-C and resumes at the next start, with nothing missed' },
  ],
  [
    'members',
    { kind: 'by-itself', sentence: 'all members of a guild, in the midst of a dropped connection' },
  ],
  ['restart', { kind: 'by-itself', sentence: 'kills a bot with SIGKILL: the next one misses nothing' }],
  [
    'threads',
    { kind: 'by-itself', sentence: 'blocks the main thread for ten seconds: no connection is lost' },
  ],
  [
    'reshard',
    { kind: 'by-itself', sentence: 'goes from 2 shards to 6 under load, without a gap or a repeat' },
  ],
  [
    'metrics',
    { kind: 'by-itself', sentence: "scrapes a cluster through OpenTelemetry's Prometheus exporter" },
  ],
  ['tracing', { kind: 'by-itself', sentence: 'logs what a shard does on the wire with pino' }],
  ['tls', { kind: 'by-itself', sentence: 'connects with the root of a private authority, and not without' }],
])

process.exitCode = await main()

async function main(): Promise<number> {
  const args = readArgs()
  if (typeof args === 'string') return refuse(args)
  const { name, seconds } = args
  if (name === undefined) {
    console.log(usage())
    return 0
  }
  const example = examples.get(name)
  if (example === undefined) {
    return refuse(`there is no example "${name}", choose one of: ${[...examples.keys()].join(', ')}`)
  }
  if (process.env['DISCORD_TOKEN'] || example.kind === 'by-itself') return runOnce(name, seconds, {})
  return runOffline(name, example.kind === 'twice' ? 2 : 1, seconds)
}

/** The arguments, or what is wrong with them. */
function readArgs(): { readonly name: string | undefined; readonly seconds: number | undefined } | string {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string' } },
    })
    const [name, ...rest] = positionals
    if (rest.length > 0) return `one example at a time, got "${positionals.join(' ')}"`
    const seconds = values.seconds === undefined ? undefined : Number(values.seconds)
    if (seconds !== undefined && !(seconds > 0))
      return `--seconds must be a number above 0, got "${values.seconds}"`
    return { name, seconds }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function usage(): string {
  const width = Math.max(...Array.from(examples.keys(), (name) => name.length))
  const lines = Array.from(examples, ([name, { sentence }]) => `  ${name.padEnd(width)}  ${sentence}`)
  return ['npm run example -- <name> [--seconds N]', '', ...lines].join('\n')
}

function refuse(message: string): number {
  console.error(message)
  return 2
}

async function runOffline(name: string, runs: number, seconds: number | undefined): Promise<number> {
  const emulator = await Emulator.start({ shards: 2, maxConcurrency: 2, traffic: { ratePerSecond: 5 } })
  const folder = await mkdtemp(join(tmpdir(), 'twilight-example-'))
  const env = {
    DISCORD_TOKEN: emulator.token,
    DISCORD_API_URL: emulator.apiUrl,
    DISCORD_GATEWAY_URL: emulator.url,
    SESSION_FILE: join(folder, 'sessions.json'),
  }
  console.log(`DISCORD_TOKEN is not set: running against an emulator at ${emulator.url}, Ctrl-C stops`)
  try {
    for (let run = 1; run < runs; run += 1) {
      const code = await runOnce(name, seconds, env)
      if (code !== 0) return code
      console.log(`starting ${name} again, Ctrl-C stops`)
    }
    return await runOnce(name, seconds, env)
  } finally {
    await rm(folder, { recursive: true })
    await emulator.stop()
  }
}

/** Runs the example as a process of its own, as a user would; resolves with its exit code. */
async function runOnce(name: string, seconds: number | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  // Started with the options of this process: the package condition and, where it is one, type stripping.
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, `${name}.ts`)], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  })
  // Ctrl-C reaches the example by itself: a second one from here could meet it on its way out and kill it.
  const forward = (signal: NodeJS.Signals): boolean => child.kill(signal)
  process.on('SIGINT', ignore).on('SIGTERM', forward)
  const timer = seconds === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), seconds * 1000)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', reject).once('close', (code) => resolve(code ?? 1))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', ignore).off('SIGTERM', forward)
  }
}

function ignore(): void {}
