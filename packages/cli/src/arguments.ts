import { InvalidArgumentError } from 'commander'

import { parseIntents } from './listen/intents.ts'

/** The longest that a timer of Node's waits. */
const mostSeconds = Math.floor((2 ** 31 - 1) / 1_000)

/** Parsers of option values. All throw commander's `InvalidArgumentError`, which says what was expected. */
export const argument = {
  count: (text: string) =>
    number(text, (value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0'),
  seconds: (text: string) =>
    number(text, (value) => value > 0 && value <= mostSeconds, `a number above 0, at most ${mostSeconds}`),
  rate: (text: string) => number(text, (value) => value > 0, 'a number above 0'),
  speed: (text: string) =>
    text === 'Infinity' ? Infinity : number(text, (value) => value > 0, 'a number above 0, or Infinity'),
  rateOrNone: (text: string) => number(text, (value) => value >= 0, 'a number of at least 0'),
  seed: (text: string) =>
    number(text, (value) => Number.isSafeInteger(value) && value >= 0, 'a whole number of at least 0'),
  port: (text: string) =>
    number(
      text,
      (value) => Number.isInteger(value) && value >= 0 && value < 65_536,
      'a port from 0 to 65535',
    ),
  httpUrl: (text: string) => url(text, ['http:', 'https:']),
  gatewayUrl: (text: string) => url(text, ['ws:', 'wss:']),
  intents: (text: string) => {
    const bits = parseIntents(text)
    if (typeof bits === 'number') return bits
    throw new InvalidArgumentError(bits.problem)
  },
  token: (text: string) => {
    // The shape that a client can send in a header and that the gateway package accepts.
    if (/^[\w.~+/=-]+$/.test(text)) return text
    throw new InvalidArgumentError('Expected letters, digits, dots and dashes, without spaces.')
  },
} as const

function number(text: string, fits: (value: number) => boolean, expected: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && fits(value)) return value
  throw new InvalidArgumentError(`Expected ${expected}.`)
}

function url(text: string, protocols: readonly string[]): string {
  const parsed = URL.parse(text)
  if (parsed !== null && protocols.includes(parsed.protocol)) return text
  throw new InvalidArgumentError(
    `Expected a URL that begins with ${protocols.map((name) => `${name}//`).join(' or ')}.`,
  )
}
