import { eventNamePattern, isObject } from '../json.ts'

/** What the first line of a recording says. */
export interface RecordingHeader {
  readonly format: typeof recordingFormat
  readonly version: typeof recordingVersion
  /** Seed of the emulator that was recorded; a recording of something else has none. */
  readonly seed?: number
  /** Its recommended shard count. */
  readonly shards?: number
}

/** One line after the first. */
export interface RecordedDispatch {
  /** Milliseconds since the recording began. */
  readonly atMs: number
  /** The shard that got it. */
  readonly shard: number
  /** Name of the event. */
  readonly type: string
  readonly data: unknown
}

/** The name of the format, to tell its files from others. */
export const recordingFormat = 'discord-gateway-recording'
/** Counted up when an older reader would misread a newer file. */
export const recordingVersion = 1

/** Payloads that mean something in their own session only: never recorded, and passed over in a replay. */
export const sessionBound: ReadonlySet<string> = new Set(['READY', 'RESUMED'])

/** A line as the emulator and Discord write its payload; data follow up to the last two braces. */
const usualLine = /^\{"atMs":([\d.]+),"shard":(\d+),"payload":\{"t":"([A-Z_]+)","s":\d+,"op":0,"d":/

/** A line that was read: what it says, and the JSON text of its data. */
export interface ReadDispatch extends RecordedDispatch {
  readonly dataText: string
}

/** The first line. */
export function headerLine(seed: number, shards: number): string {
  const header: RecordingHeader = { format: recordingFormat, version: recordingVersion, seed, shards }
  return `${JSON.stringify(header)}\n`
}

/** What precedes a payload in its line; `}` and a line feed follow it. */
export function lineHead(atMs: number, shard: number): string {
  return `{"atMs":${Math.round(atMs * 1000) / 1000},"shard":${shard},"payload":`
}

/** @throws SyntaxError unless the line is the header of a recording that can be read. */
export function checkHeader(line: string): void {
  const header = parse(line)
  const expected = `{"format":"${recordingFormat}","version":${recordingVersion}}`
  if (!isObject(header) || header['format'] !== recordingFormat) {
    throw new SyntaxError(`twilight-emulator: line 1 is ${excerpt(line)}, expected ${expected}`)
  }
  if (header['version'] !== recordingVersion) {
    const seen = JSON.stringify(header['version'])
    throw new SyntaxError(`twilight-emulator: the recording is of version ${seen}, expected ${expected}`)
  }
}

/** A dispatch, or undefined for a payload of another opcode. @throws SyntaxError for a line that is neither. */
export function readLine(line: string, number: number): ReadDispatch | undefined {
  return readUsual(line) ?? readAny(line, number)
}

/** Takes the data as they stand, digits that no double holds included. */
function readUsual(line: string): ReadDispatch | undefined {
  const usual = usualLine.exec(line)
  if (usual === null) return undefined
  const [head, atMs = '', shard = '', type = ''] = usual
  const dataText = line.trimEnd().slice(head.length, -2)
  const data = parse(dataText)
  return data === undefined ? undefined : { atMs: Number(atMs), shard: Number(shard), type, data, dataText }
}

function readAny(line: string, number: number): ReadDispatch | undefined {
  const value = parse(line)
  if (!isObject(value)) return fail(line, number)
  const { atMs, shard, payload } = value
  if (typeof atMs !== 'number' || atMs < 0) return fail(line, number)
  if (typeof shard !== 'number' || !Number.isSafeInteger(shard) || shard < 0) return fail(line, number)
  if (!isObject(payload)) return fail(line, number)
  const { op, t: type, d: data = null } = payload
  if (op !== 0) return undefined
  if (typeof type !== 'string' || !eventNamePattern.test(type)) return fail(line, number)
  return { atMs, shard, type, data, dataText: JSON.stringify(data) }
}

function fail(line: string, number: number): never {
  throw new SyntaxError(
    `twilight-emulator: line ${number} of the recording is ${excerpt(line)}, expected ` +
      '{"atMs":…,"shard":…,"payload":{"op":0,"t":…,"d":…}}',
  )
}

/** Undefined for text that is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function excerpt(line: string): string {
  const text = line.trimEnd()
  return text.length <= 80 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 80))}…`
}
