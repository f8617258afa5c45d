import type { EmulatorReport } from 'twilight-emulator'

import { plainText } from '../terminal/plain-text.ts'
import type { Tally } from './tally.ts'

/** What a run came to, as `--json` prints it. */
export interface RunResult {
  /** Shards of the cluster, and how many of them were ready at least once. */
  readonly shards: number
  readonly ready: number
  /** Dispatches that arrived. */
  readonly events: number
  readonly eventsByType: Readonly<Record<string, number>>
  /** Connections that were replaced, and sessions that went on after that. */
  readonly reconnects: number
  readonly resumes: number
  /** Events that were sent and did not arrive. Of another server: gaps in the sequences of the sessions. */
  readonly missed: number
  /** Events that arrived twice. */
  readonly duplicates: number
  /** Rules of the gateway that the cluster broke; `null` on another server, which does not tell. */
  readonly violations: number | null
}

/** Compares what arrived with what the emulator sent, if it was the emulator. */
export function resultOf(tally: Tally, shards: number, report: EmulatorReport | undefined): RunResult {
  const { events, eventsByType, reconnects, resumes, duplicates } = tally
  return {
    shards,
    ready: tally.ready.size,
    events,
    eventsByType: Object.fromEntries([...eventsByType].toSorted(([, a], [, b]) => b - a)),
    reconnects,
    resumes,
    missed: report === undefined ? tally.gaps() : tally.missed(report.sessions),
    duplicates,
    violations: report === undefined ? null : report.violations.length,
  }
}

/** What was not as it should be, in words; empty if all was well. `trouble`: why a connection failed lately. */
export function problemsOf(result: RunResult, trouble?: string): string[] {
  const { shards, ready, missed, duplicates, violations } = result
  const problems: string[] = []
  const because = trouble === undefined ? '' : ` (${plainText(trouble)})`
  if (ready < shards) problems.push(`only ${ready} of ${shards} shards became ready${because}`)
  // A server that is not ours may skip sequences for reasons of its own.
  if (violations === null) return problems
  if (missed > 0) problems.push(`events that did not arrive: ${missed}`)
  if (duplicates > 0) problems.push(`events that came twice: ${duplicates}`)
  if (violations > 0) problems.push(`broken rules of the gateway: ${violations}`)
  return problems
}
