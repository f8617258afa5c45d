import type { Emulator } from 'twilight-emulator'

import type { Output } from '../terminal/output.ts'
import { countOf } from '../terminal/quantity.ts'

/** What is recorded and replayed, of the options of `twilight emulate`. */
export interface TapeOptions {
  /** File that every dispatch is written to. */
  readonly record?: string
  /** Recording that is replayed once the first client has its guilds. */
  readonly replay?: string
  /** Of the replay; Infinity is as fast as clients read. */
  readonly speed: number
}

/** Records and replays as the options say. The returned function ends both, and says what was written. */
export async function startTape(
  emulator: Emulator,
  { record, replay, speed }: TapeOptions,
  output: Output,
): Promise<() => Promise<void>> {
  const recording = record === undefined ? undefined : await emulator.record(record)
  const ending = new AbortController()
  const replayed = replay === undefined ? undefined : play(emulator, replay, speed, ending.signal, output)
  return async () => {
    ending.abort()
    await replayed
    if (recording === undefined) return
    const { events, bytes } = await recording.stop()
    output.print(`recorded ${countOf(events, 'event')} in ${countOf(bytes, 'byte')} to ${record}`)
  }
}

/** Does not reject: what is wrong with a recording is told, and the emulator goes on. */
async function play(
  emulator: Emulator,
  file: string,
  speed: number,
  signal: AbortSignal,
  output: Output,
): Promise<void> {
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const off = emulator.on('guilds', () => resolve())
  signal.addEventListener('abort', () => resolve(), { once: true })
  await ready
  off()
  if (signal.aborted) return
  try {
    const { events } = await emulator.replay(file, { speed, signal })
    output.print(`replayed ${countOf(events, 'event')} from ${file}`)
  } catch (error) {
    if (!signal.aborted)
      output.print(`cannot replay ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
