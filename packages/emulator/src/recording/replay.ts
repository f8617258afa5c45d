import { createReadStream } from 'node:fs'

import type { Gateway } from '../gateway.ts'
import { snowflakePattern } from '../json.ts'
import { fail } from '../option-check.ts'
import { checkHeader, readLine, sessionBound } from './format.ts'
import type { RecordedDispatch } from './format.ts'
import { readLines } from './lines.ts'
import { Pace } from './pace.ts'
import { piecesUntil } from './pieces.ts'
import { RecordedEvent } from './recorded-event.ts'

/** Where a recording comes from: the path of a file, or its bytes, for example out of a decompressing stream. */
export type RecordingSource = string | URL | AsyncIterable<Uint8Array | string>

/** How a recording is replayed. */
export interface ReplayOptions {
  /** 1: as it was recorded; 10: ten times as fast; Infinity: as fast as the clients read. Default 1. */
  readonly speed?: number
  /** Index of the bot that gets it. Default, as for a dispatch: every bot in the event's guild, or all if none is. */
  readonly bot?: number
  /** Leaves out the events for which it returns false. Default: none. */
  readonly filter?: (event: RecordedDispatch) => boolean
  /** Ends the replay. */
  readonly signal?: AbortSignal
}

/** What a replay did. */
export interface ReplayResult {
  /** Dispatches of the recording that were sent, in its order. */
  readonly events: number
  /** How many sessions got them, summed up. */
  readonly deliveries: number
  /** Those that no session got: nobody has logged in, or the intents of all keep them out. */
  readonly unheard: number
  /** What was passed over: READY, RESUMED, other opcodes, and what `filter` left out. */
  readonly skipped: number
  /** Milliseconds on the emulator's clock. */
  readonly elapsedMs: number
  /** False when it was ended before the end of the recording. */
  readonly isComplete: boolean
}

/**
 * Sends a recording again, in its order and timing, while it is read: a line at a time, and no faster than the slowest
 * client takes it. `stopped` ends it, as does the signal of the options.
 * @throws RangeError for an option out of range, SyntaxError for a line that is no part of a recording, and the error
 * of a source that cannot be read.
 */
export async function replay(
  gateway: Gateway,
  source: RecordingSource,
  options: ReplayOptions,
  stopped: AbortSignal,
): Promise<ReplayResult> {
  const { speed = 1, bot, filter } = options
  if (typeof speed !== 'number' || !(speed > 0)) fail('speed', speed, 'a number above 0')
  if (bot !== undefined && gateway.bots[bot] === undefined) fail('bot', bot, 'the index of a bot')
  const signal = options.signal === undefined ? stopped : AbortSignal.any([options.signal, stopped])
  const { clock } = gateway.settings
  const startedAtMs = clock.now()
  const counts = { events: 0, deliveries: 0, unheard: 0, skipped: 0 }
  const pace = new Pace(gateway, signal)
  const result = (isComplete: boolean): ReplayResult => ({
    ...counts,
    elapsedMs: clock.now() - startedAtMs,
    isComplete,
  })
  try {
    for await (const { bytes, event } of readEvents(source, signal)) {
      if (event === undefined || sessionBound.has(event.type) || filter?.(event.recorded) === false) {
        counts.skipped++
        continue
      }
      await pace.until(startedAtMs + event.recorded.atMs / speed)
      if (signal.aborted) return result(false)
      const reached = gateway.dispatch(event, bot === undefined ? {} : { bot })
      counts.events++
      counts.deliveries += reached
      if (reached === 0) counts.unheard++
      await pace.sent(bytes)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return result(!signal.aborted)
}

/** What was read of a recording: an event, unless the line holds another opcode. */
interface ReadEvent {
  readonly bytes: number
  readonly event: RecordedEvent | undefined
}

async function* readEvents(source: RecordingSource, signal: AbortSignal): AsyncGenerator<ReadEvent> {
  const isPath = typeof source === 'string' || source instanceof URL
  const pieces = piecesUntil(isPath ? createReadStream(source) : source, signal)
  let number = 0
  for await (const line of readLines(pieces)) {
    number++
    if (number === 1) checkHeader(line)
    else if (line.trim() !== '') {
      let event: RecordedEvent | undefined
      try {
        event = readEvent(line, number)
      } catch (error) {
        // A last line without line feed may be one that a crash cut off.
        if (line.endsWith('\n')) throw error
        return
      }
      yield { bytes: line.length, event }
    }
  }
  if (number === 0 && !signal.aborted) checkHeader('')
}

function readEvent(line: string, number: number): RecordedEvent | undefined {
  const dispatch = readLine(line, number)
  if (dispatch === undefined) return undefined
  const event = new RecordedEvent(dispatch)
  if (event.guildId === undefined || snowflakePattern.test(event.guildId)) return event
  throw new SyntaxError(
    `twilight-emulator: line ${number} of the recording names guild "${event.guildId}", which is no snowflake`,
  )
}
