import progress from 'cli-progress'
import type { ShardInfo } from 'twilight-gateway'

import type { StatusPart } from '../terminal/output.ts'
import { clockSpan, countOf, latency, rate } from '../terminal/quantity.ts'
import type { StartForecast } from './start-pace.ts'

/** What the last line of the screen tells. */
export interface Status {
  readonly shards: number
  /** Shards that were ready at least once, and those that are live now. */
  readonly ready: number
  readonly live: number
  readonly start: StartForecast
  readonly perSecond: number
  readonly latencyMs: number | undefined
  readonly events: number
  readonly reconnects: number
  readonly elapsedMs: number
  readonly isStopping: boolean
}

/** The status line, most important first; `columns` is the width of the terminal. */
export function statusParts(status: Status, columns: number): StatusPart[] {
  const { latencyMs, perSecond, events, reconnects, elapsedMs, isStopping } = status
  return [
    ...(isStopping
      ? [{ text: 'stopping, Ctrl-C again quits at once', style: ['yellow', 'bold'] } as const]
      : []),
    shardsPart(status, columns),
    { text: rate(perSecond), style: 'bold' },
    { text: `latency ${latency(latencyMs)}`, style: 'bold' },
    { text: countOf(events, 'event'), style: 'dim' },
    ...(reconnects > 0 ? [{ text: countOf(reconnects, 'reconnect'), style: 'dim' } as const] : []),
    { text: clockSpan(elapsedMs), style: 'dim' },
    ...(isStopping ? [] : [{ text: 'Ctrl-C stops', style: 'dim' } as const]),
  ]
}

/** The bar until all shards were ready once, then how many are. */
function shardsPart(status: Status, columns: number): StatusPart {
  const { shards, ready, live } = status
  if (ready < shards) return { text: startBar(status, columns), style: 'yellow' }
  return { text: `● ${live}/${shards} shards`, style: live < shards ? 'yellow' : 'green' }
}

/** The mean heartbeat round trip of the shards that have one. */
export function meanLatency(shards: readonly ShardInfo[]): number | undefined {
  const known = shards.map(({ latency: { averageMs } }) => averageMs).filter((ms) => ms !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, ms) => sum + ms, 0) / known.length
}

/**
 * The bar that fills while the shards identify. cli-progress renders it and `Output` places it: cli-progress's own
 * terminal shows lines above a bar late, and leaves remains of it when the window becomes narrower.
 */
function startBar({ shards, ready, start }: Status, columns: number): string {
  const barsize = Math.max(6, Math.min(30, columns - 58))
  const options = {
    format: '{bar} {value}/{total} shards, {eta_formatted} left',
    barsize,
    barCompleteString: '█'.repeat(barsize),
    barIncompleteString: '░'.repeat(barsize),
    barGlue: '',
    autopaddingChar: '',
  }
  return progress.Format.Formatter(
    options,
    {
      progress: start.progress,
      value: ready,
      total: shards,
      eta: Math.ceil(start.etaMs / 1_000),
      startTime: 0,
      stopTime: null,
      maxWidth: columns,
    },
    {},
  )
}
