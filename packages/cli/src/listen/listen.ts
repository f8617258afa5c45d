import { setTimeout as sleep } from 'node:timers/promises'

import { GatewayError, version, type Cluster, type Compression, type ShardInfo } from 'twilight-gateway'

import { aborted } from '../terminal/aborted.ts'
import { inTerminal } from '../terminal/in-terminal.ts'
import type { Output } from '../terminal/output.ts'
import { countOf } from '../terminal/quantity.ts'
import { paint } from '../terminal/style.ts'
import { connect } from './connect.ts'
import { drain } from './drain.ts'
import { startFaults } from './faults.ts'
import { problemsOf, resultOf, type RunResult } from './result.ts'
import { Screen } from './screen.ts'
import { openSource, type Source, type SourceOptions } from './source.ts'
import { summaryLines } from './summary.ts'
import { Tally } from './tally.ts'

/** The options of `twilight listen`. */
export interface ListenOptions extends SourceOptions {
  readonly seconds?: number
  readonly json?: boolean
  readonly compression: Compression
  readonly threads?: number
}

/** A run that has ended. */
interface Run {
  readonly result: RunResult
  readonly shards: readonly ShardInfo[]
  readonly elapsedMs: number
  readonly tally: Tally
}

/**
 * Runs a cluster, shows its events until Ctrl-C or for some seconds, and sums up.
 * @returns whether all was well
 * @throws UsageError for options that do not fit together
 * @throws GatewayError if the API cannot be reached, or the gateway forbids going on
 */
export function runListen(options: ListenOptions, environment: NodeJS.ProcessEnv): Promise<boolean> {
  return inTerminal(async (output, stop) => {
    const source = await openSource(options, environment)
    try {
      return await listen(source, options, output, stop)
    } catch (error) {
      // Stopped before there was anything to sum up.
      if (stop.aborted && GatewayError.isGatewayError(error) && error.code === 'ABORTED') return false
      throw error
    } finally {
      await source.emulator?.stop()
    }
  })
}

async function listen(
  source: Source,
  options: ListenOptions,
  output: Output,
  stop: AbortSignal,
): Promise<boolean> {
  const cluster = await connect(source, options, output, stop)
  if (options.json !== true) output.print(greeting(source, cluster))
  let run: Run
  try {
    run = await watch(source, cluster, options, output, stop)
  } finally {
    await cluster.down()
  }
  return report(run, options, output)
}

/** From the first connection until all that was sent has arrived. */
async function watch(
  { emulator }: Source,
  cluster: Cluster,
  { seconds, json = false, faults = false }: ListenOptions,
  output: Output,
  stop: AbortSignal,
): Promise<Run> {
  const tally = new Tally()
  const screen = json ? undefined : new Screen({ output, cluster, tally })
  const over = new AbortController()
  const startedAtMs = performance.now()
  const consuming = consume(cluster, tally, screen, over.signal)
  void cluster.up()
  const told = (shardId: number, what: string): void => screen?.showFault(shardId, what)
  const endFaults = emulator && faults ? startFaults(emulator, cluster.shardCount, told) : undefined
  try {
    await Promise.race([consuming, timeIsUp(seconds, AbortSignal.any([stop, over.signal]))])
    endFaults?.()
    screen?.stopping()
    const elapsedMs = performance.now() - startedAtMs
    if (emulator) {
      // Nothing is sent from here on: what was sent has to arrive, then both sides can be compared.
      emulator.traffic.stop()
      await Promise.race([consuming, drain(emulator, tally)])
    }
    const result = resultOf(tally, cluster.shards.size, emulator?.report())
    return { result, shards: cluster.info(), elapsedMs, tally }
  } finally {
    endFaults?.()
    over.abort()
    screen?.close()
  }
}

/** @throws FatalCloseError CLOSED_FATAL */
async function consume(
  cluster: Cluster,
  tally: Tally,
  screen: Screen | undefined,
  over: AbortSignal,
): Promise<void> {
  for await (const event of cluster) {
    if (over.aborted) return
    tally.add(event)
    screen?.show(event)
  }
}

async function timeIsUp(seconds: number | undefined, stop: AbortSignal): Promise<void> {
  if (seconds === undefined) return aborted(stop)
  try {
    await sleep(seconds * 1_000, undefined, { signal: stop })
  } catch {
    // Stopped earlier.
  }
}

function greeting({ name, emulator }: Source, cluster: Cluster): string {
  const hint = emulator ? ' (set DISCORD_TOKEN for Discord)' : ''
  return paint('bold', `twilight ${version}: ${countOf(cluster.shardCount, 'shard')} on ${name}${hint}`)
}

/** Says what the run came to, and whether all was well. */
function report({ tally, ...run }: Run, { json = false }: ListenOptions, output: Output): boolean {
  // Whoever has seen enough (`| head`) has asked for no verdict.
  if (output.gone.aborted) return true
  const lines = json ? [JSON.stringify(run.result)] : summaryLines(run)
  for (const line of lines) output.print(line)
  const problems = problemsOf(run.result, tally.trouble)
  if (problems.length > 0) process.stderr.write(`twilight: ${problems.join('; ')}\n`)
  return problems.length === 0
}
