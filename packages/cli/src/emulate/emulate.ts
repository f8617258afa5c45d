import { Emulator, type TrafficProfile } from 'twilight-emulator'
import { version } from 'twilight-gateway'

import { aborted } from '../terminal/aborted.ts'
import { inTerminal } from '../terminal/in-terminal.ts'
import type { Output } from '../terminal/output.ts'
import { clockSpan, countOf } from '../terminal/quantity.ts'
import { paint } from '../terminal/style.ts'
import { shownSignals, signalLine } from './signal-line.ts'
import { summaryLines } from './summary.ts'
import { startTape, type TapeOptions } from './tape.ts'

/** The options of `twilight emulate`. */
export interface EmulateOptions extends TapeOptions {
  readonly port: number
  readonly host: string
  readonly shards: number
  readonly maxConcurrency: number
  readonly rate: number
  readonly profile: TrafficProfile
  readonly guilds: number
  readonly token?: string
  readonly seed: number
}

const refreshMs = 500

/**
 * Serves an emulator until Ctrl-C, with a line for whatever clients do, and sums up.
 * @returns true
 * @throws Node's error if the port or the address cannot be used
 */
export function runEmulate(options: EmulateOptions, environment: NodeJS.ProcessEnv): Promise<boolean> {
  return inTerminal(async (output, stop) => {
    const startedAtMs = performance.now()
    const emulator = await start(options)
    try {
      for (const line of greeting(emulator, environment)) output.print(line)
      const ends = shownSignals.map((name) =>
        emulator.on(name, (value) => output.print(signalLine(name, value, new Date()))),
      )
      const endTape = await startTape(emulator, options, output)
      const endStatus = showStatus(emulator, output, startedAtMs)
      await aborted(stop)
      // That we end everybody's sockets now is no news.
      for (const end of [...ends, endStatus]) end()
      await endTape()
      const lines = summaryLines(emulator.report(), performance.now() - startedAtMs)
      for (const line of lines) output.print(line)
    } finally {
      await emulator.stop()
    }
    return true
  })
}

function start(options: EmulateOptions): Promise<Emulator> {
  const { port, host, shards, maxConcurrency, rate, profile, guilds, token, seed } = options
  return Emulator.start({
    port,
    host,
    shards,
    maxConcurrency,
    seed,
    world: { guilds, seed },
    // The summary counts frames and shows none.
    frameLogCap: 1_000,
    ...(token === undefined ? {} : { bots: [{ token }] }),
    ...(rate > 0 ? { traffic: { ratePerSecond: rate, profile } } : {}),
  })
}

function greeting(
  { url, apiUrl, resumeUrl, controlUrl, token }: Emulator,
  environment: NodeJS.ProcessEnv,
): string[] {
  // What the reader can type depends on how this was started: from the repository, or installed.
  const listen = environment['npm_lifecycle_event'] === 'emulate' ? 'npm start --' : 'twilight listen'
  return [
    paint('bold', `twilight ${version}: Discord's gateway, emulated, until Ctrl-C`),
    `  gateway   ${url}`,
    `  REST API  ${apiUrl}`,
    `  resume    ${resumeUrl}`,
    `  control   ${controlUrl ?? 'off'}`,
    `  token     ${token}`,
    '',
    'Point any client at it, or this program:',
    `  DISCORD_TOKEN=${token} ${listen} --api ${apiUrl}`,
    '',
  ]
}

/** Keeps the last line up to date; returns how to end that. */
function showStatus(emulator: Emulator, output: Output, startedAtMs: number): () => void {
  let sockets = 0
  let violations = 0
  emulator.on('connection', () => (sockets += 1))
  emulator.on('disconnect', () => (sockets -= 1))
  emulator.on('violation', () => (violations += 1))
  const refresh = (): void =>
    output.status([
      { text: `● ${countOf(sockets, 'connection')}`, style: 'green' },
      { text: countOf(violations, 'violation'), style: violations > 0 ? 'red' : 'bold' },
      { text: clockSpan(performance.now() - startedAtMs), style: 'dim' },
      { text: 'Ctrl-C stops', style: 'dim' },
    ])
  refresh()
  const timer = setInterval(refresh, refreshMs)
  return () => {
    clearInterval(timer)
    output.clearStatus()
  }
}
