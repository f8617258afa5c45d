import type { ShardInfo } from 'twilight-gateway'

import { clockSpan, count, countOf, latency, rate } from '../terminal/quantity.ts'
import { paint } from '../terminal/style.ts'
import { problemsOf, type RunResult } from './result.ts'

/** Event types that the summary names; the rest is one line. */
const mostTypes = 12
/** Columns of the longest bar. */
const barColumns = 24

export interface SummaryOptions {
  readonly result: RunResult
  readonly shards: readonly ShardInfo[]
  readonly elapsedMs: number
}

/** What a run came to, for a person: by type, by shard, and in a word. */
export function summaryLines({ result, shards, elapsedMs }: SummaryOptions): string[] {
  const perSecond = elapsedMs > 0 ? (result.events / elapsedMs) * 1_000 : 0
  return [
    '',
    paint('bold', `${countOf(result.events, 'event')} in ${clockSpan(elapsedMs)} (${rate(perSecond)})`),
    ...typeLines(result),
    '',
    ...shardLines(shards),
    '',
    ...verdictLines(result),
  ]
}

function typeLines({ events, eventsByType }: RunResult): string[] {
  const types = Object.entries(eventsByType)
  const others = types.slice(mostTypes)
  const rows = types.slice(0, mostTypes)
  const most = rows[0]?.[1] ?? 1
  const rest = others.reduce((sum, [, number]) => sum + number, 0)
  if (rest > 0) rows.push([countOf(others.length, 'other type'), rest])
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, number], index) => {
    const bar = index < mostTypes ? '▇'.repeat(Math.ceil((number / most) * barColumns)) : ''
    const facts = `  ${label.padEnd(width)} ${count(number).padStart(9)} ${percent(number, events)}`
    return `${facts} ${paint('cyan', bar)}`.trimEnd()
  })
}

function percent(number: number, of: number): string {
  const share = (number / of) * 100
  return `${(share < 1 ? '<1' : share.toFixed(0)).padStart(4)} %`
}

function shardLines(shards: readonly ShardInfo[]): string[] {
  const header = row(['shard', 'state', 'events', 'reconnects', 'resumes', 'latency'])
  return [
    paint('dim', header),
    ...shards.map(({ id, phase, stats, latency: { averageMs } }) =>
      row([
        String(id),
        phase,
        count(stats.dispatches),
        count(stats.disconnects),
        count(stats.resumes),
        latency(averageMs),
      ]),
    ),
  ]
}

function row([shard = '', state = '', ...numbers]: readonly string[]): string {
  return `  ${shard.padStart(5)}  ${state.padEnd(11)}${numbers.map((text) => text.padStart(12)).join('')}`
}

function verdictLines(result: RunResult): string[] {
  const { ready, shards, reconnects, resumes, missed, duplicates, violations } = result
  const facts = [
    `${ready} of ${shards} shards ready`,
    countOf(reconnects, 'reconnect'),
    countOf(resumes, 'resume'),
    `${count(missed)} missed`,
    countOf(duplicates, 'duplicate'),
    ...(violations === null ? [] : [countOf(violations, 'violation')]),
  ].join(', ')
  const problems = problemsOf(result)
  if (problems.length === 0) return [`${paint('green', '✔')} ${facts}`]
  return [`${paint('red', '✘')} ${facts}`]
}
