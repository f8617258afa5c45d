import type { Header } from './header.ts'
import { ascii, parseValue, skipSpace, skipString, skipValue } from './json-walk.ts'
import { malformed } from './malformed.ts'

/** Where a value lies; `start` is -1 if its key is absent. */
interface Span {
  start: number
  end: number
}

/**
 * Reads the envelope of any JSON document into `header`, whatever the order of its keys, its spacing and its escapes.
 * Of a key that is there twice the last counts, as with `JSON.parse`; nested keys are never taken. It walks over all
 * bytes, which the scanner avoids.
 * @throws DecodeError DECODE_PAYLOAD
 */
export function readEnvelope(bytes: Buffer, header: Header): void {
  const op: Span = { start: -1, end: -1 }
  const s: Span = { start: -1, end: -1 }
  const t: Span = { start: -1, end: -1 }
  const d: Span = { start: -1, end: -1 }
  findTopLevel(bytes, new Map(Object.entries({ op, s, t, d })))
  header.op = readInteger(bytes, op, 'op')
  if (header.op === -1) throw malformed('it has no op', bytes, 0)
  header.sequence = readInteger(bytes, s, 's')
  header.type = readName(bytes, t)
  header.dataStart = d.start
  header.dataEnd = d.end
}

/** Sets the span of each key that `spans` asks for and that the document has. */
function findTopLevel(bytes: Buffer, spans: ReadonlyMap<string, Span>): void {
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== ascii.openBrace) throw malformed('it is not an object', bytes, at)
  at = skipSpace(bytes, at + 1)
  let isOpen = bytes[at] !== ascii.closeBrace
  if (!isOpen) at += 1
  while (isOpen) {
    if (bytes[at] !== ascii.quote) throw malformed('a key was expected', bytes, at)
    const keyEnd = skipString(bytes, at)
    const span = spans.get(readString(bytes, at, keyEnd))
    at = skipSpace(bytes, keyEnd)
    if (bytes[at] !== ascii.colon) throw malformed('a colon was expected', bytes, at)
    const start = skipSpace(bytes, at + 1)
    const end = skipValue(bytes, start)
    if (span !== undefined) {
      span.start = start
      span.end = end
    }
    at = skipSpace(bytes, end)
    isOpen = bytes[at] === ascii.comma
    if (!isOpen && bytes[at] !== ascii.closeBrace) throw malformed('a comma was expected', bytes, at)
    at = isOpen ? skipSpace(bytes, at + 1) : at + 1
  }
  at = skipSpace(bytes, at)
  if (at !== bytes.length) throw malformed('bytes follow the document', bytes, at)
}

function readString(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1)
  return text.includes('\\') ? String(parseValue(bytes, start, end)) : text
}

/** A whole number of 0 or more, in any of JSON's spellings; -1 if null or absent. */
function readInteger(bytes: Buffer, { start, end }: Span, key: string): number {
  if (start === -1) return -1
  const value = parseValue(bytes, start, end)
  if (value === null) return -1
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(`${key} is not a whole number`, bytes, start)
  }
  // -0 becomes 0.
  return value + 0
}

/** A string; empty if null or absent. */
function readName(bytes: Buffer, { start, end }: Span): string {
  if (start === -1) return ''
  const value = parseValue(bytes, start, end)
  if (value === null) return ''
  if (typeof value !== 'string') throw malformed('t is not a string', bytes, start)
  return value
}
