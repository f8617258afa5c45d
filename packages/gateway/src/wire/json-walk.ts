import { malformed } from './malformed.ts'

/** The bytes that JSON's grammar is made of. */
export const ascii = {
  quote: 0x22,
  comma: 0x2c,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

/** The offset of the first byte that is not white space. */
export function skipSpace(bytes: Buffer, at: number): number {
  const { length } = bytes
  while (at < length) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
    at += 1
  }
  return at
}

/**
 * The offset behind the string that begins at `at` with its quote.
 * @throws DecodeError DECODE_PAYLOAD
 */
export function skipString(bytes: Buffer, at: number): number {
  const { length } = bytes
  let next = at + 1
  while (next < length) {
    const byte = bytes[next] ?? 0
    if (byte === ascii.quote) return next + 1
    if (byte < 0x20) throw malformed('a control character in a string', bytes, next)
    next += byte === ascii.backslash ? 2 : 1
  }
  throw malformed('a string without an end', bytes, at)
}

/**
 * The offset behind the value that begins at `at`. What lies in an object or array is skipped, not checked, other than
 * that strings and brackets end: whoever reads it parses it.
 * @throws DecodeError DECODE_PAYLOAD
 */
export function skipValue(bytes: Buffer, at: number): number {
  const first = bytes[at]
  if (first === ascii.quote) return skipString(bytes, at)
  if (first === ascii.openBrace || first === ascii.openBracket) return skipNested(bytes, at)
  return skipLiteral(bytes, at)
}

function skipNested(bytes: Buffer, at: number): number {
  const { length } = bytes
  let depth = 0
  let next = at
  while (next < length) {
    const byte = bytes[next]
    if (byte === ascii.quote) {
      next = skipString(bytes, next)
      continue
    }
    next += 1
    if (byte === ascii.openBrace || byte === ascii.openBracket) depth += 1
    else if ((byte === ascii.closeBrace || byte === ascii.closeBracket) && --depth === 0) return next
  }
  throw malformed('an object or array without an end', bytes, at)
}

function skipLiteral(bytes: Buffer, at: number): number {
  const { length } = bytes
  let next = at
  while (next < length) {
    const byte = bytes[next] ?? 0
    if (byte <= 0x20 || byte === ascii.comma || byte === ascii.closeBrace || byte === ascii.closeBracket)
      break
    next += 1
  }
  parseValue(bytes, at, next)
  return next
}

/**
 * The value in a range of bytes.
 * @throws DecodeError DECODE_PAYLOAD
 */
export function parseValue(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end))
  } catch (error) {
    throw malformed('not a JSON value', bytes, start, error)
  }
}
