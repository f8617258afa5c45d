import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import type { Payload, ScriptClient } from './script-client.ts'

/** A path in a folder that is removed after the test. */
export async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twilight-recording-'))
  onTestFinished(async () => rm(folder, { recursive: true }))
  return join(folder, 'recording.ndjson')
}

export interface RecordedLine {
  readonly atMs: number
  readonly shard: number
  readonly payload: Payload
}

/** What a file of a recording holds. */
export async function readRecording(
  path: string,
): Promise<{ readonly header: unknown; readonly lines: readonly RecordedLine[] }> {
  const text = await readFile(path, 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  const [first = '', ...lines] = text.trimEnd().split('\n')
  return { header: JSON.parse(first), lines: lines.map((line): RecordedLine => JSON.parse(line)) }
}

/** A header as another program may write it. */
export const header = '{"format":"discord-gateway-recording","version":1}\n'

/** A line as another program may write it. */
export function recordedLine(atMs: number, shard: number, type: string, data: unknown): string {
  return `${JSON.stringify({ atMs, shard, payload: { op: 0, d: data, t: type, s: 9 } })}\n`
}

/** What a client was dispatched after it had logged in. */
export function dispatches(client: ScriptClient): { readonly t: string | null; readonly d: unknown }[] {
  return client.received.filter(({ op, t }) => op === 0 && t !== 'READY').map(({ t, d }) => ({ t, d }))
}
