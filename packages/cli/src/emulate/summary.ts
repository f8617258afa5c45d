import type { EmulatorReport } from 'twilight-emulator'

import { clockSpan, count, countOf } from '../terminal/quantity.ts'
import { plainText } from '../terminal/plain-text.ts'
import { paint } from '../terminal/style.ts'

/** What an emulator saw and did, for a person. */
export function summaryLines(report: EmulatorReport, elapsedMs: number): string[] {
  const { connections, identifies, resumes, sessions, violations, sent, frameCount } = report
  const ready = identifies.filter(({ outcome }) => outcome === 'ready').length
  const resumed = resumes.filter(({ outcome }) => outcome === 'resumed').length
  return [
    '',
    paint('bold', `Served for ${clockSpan(elapsedMs)}`),
    `  ${countOf(connections.length, 'connection')}, ${countOf(sessions.length, 'session')}`,
    `  ${countOf(identifies.length, 'identify').replace(/ys$/, 'ies')}, ${count(ready)} answered with READY`,
    `  ${countOf(resumes.length, 'resume')}, ${count(resumed)} answered with RESUMED`,
    `  ${countOf(sent.events, 'event')} sent, replays included; ${countOf(frameCount, 'message')} received`,
    '',
    ...violationLines(violations),
  ]
}

function violationLines(violations: EmulatorReport['violations']): string[] {
  if (violations.length === 0) return [`${paint('green', '✔')} no rule was broken`]
  const byRule = Map.groupBy(violations, ({ rule }) => rule)
  return [
    `${paint('red', '✘')} ${countOf(violations.length, 'violation')}`,
    ...Array.from(
      byRule,
      ([rule, broken]) =>
        `  ${rule.padEnd(20)} ${count(broken.length).padStart(6)}  the last: ${plainText(broken.at(-1)?.message ?? '')}`,
    ),
  ]
}
