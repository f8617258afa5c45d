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
  const reader = new RecordingReader()
  const target = bot === undefined ? {} : { bot }
  try {
    for await (const lines of readLines(piecesOf(source, signal))) {
      pace.hold()
      for (const line of lines) {
        const event = reader.read(line)
        if (event === undefined) continue
        if (event === 'skip' || filter?.(event.recorded) === false) {
          counts.skipped++
          continue
        }
        const dueAtMs = startedAtMs + event.recorded.atMs / speed
        if (dueAtMs > clock.now()) await pace.until(dueAtMs)
        if (signal.aborted) return result(false)
        const reached = gateway.dispatch(event, target)
        counts.events++
        counts.deliveries += reached
        if (reached === 0) counts.unheard++
        if (pace.isFull(line.length)) await pace.room()
      }
      pace.release()
    }
    if (!signal.aborted) reader.end()
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    pace.release()
  }
  return result(!signal.aborted)
}

function piecesOf(source: RecordingSource, signal: AbortSignal): AsyncIterable<unknown> {
  const isPath = typeof source === 'string' || source instanceof URL
  return piecesUntil(isPath ? createReadStream(source) : source, signal)
}

/** Reads line after line, and knows where it is. */
class RecordingReader {
  #number = 0

  /** What a line holds: undefined for the header and empty ones, `'skip'` for what is not replayed. */
  read(line: string): RecordedEvent | 'skip' | undefined {
    this.#number++
    if (this.#number === 1) {
      checkHeader(line)
      return undefined
    }
    if (line.trim() === '') return undefined
    try {
      return this.#event(line)
    } catch (error) {
      // A last line without line feed may be one that a crash cut off.
      if (line.endsWith('\n')) throw error
      return undefined
    }
  }

  /** @throws SyntaxError when there was no line at all. */
  end(): void {
    if (this.#number === 0) checkHeader('')
  }

  #event(line: string): RecordedEvent | 'skip' {
    const dispatch = readLine(line, this.#number)
    if (dispatch === undefined || sessionBound.has(dispatch.type)) return 'skip'
    const event = new RecordedEvent(dispatch)
    if (event.guildId === undefined || snowflakePattern.test(event.guildId)) return event
    throw new SyntaxError(
      `twilight-emulator: line ${this.#number} of the recording names guild "${event.guildId}", which is no snowflake`,
    )
  }
}
