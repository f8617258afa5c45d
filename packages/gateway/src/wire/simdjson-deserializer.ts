import { ConfigError } from '../errors.ts'
import type { Deserializer } from './codec.ts'
import { optionalPeer } from './optional-peer.ts'

/** What is used of the package simdjson. */
export interface Simdjson {
  parse(json: string): unknown
  /** Only if the package was compiled: else it hands out `JSON` itself. */
  readonly lazyParse: (json: string) => unknown
}

/**
 * Loads the package.
 * @throws ConfigError CONFIG_INVALID if it is not installed or was not compiled
 */
export function loadSimdjson(): Simdjson {
  const peer = optionalPeer('simdjson', 'deserializer')
  if (typeof peer === 'object' && peer !== null && 'lazyParse' in peer) return peer as Simdjson
  throw new ConfigError(
    'CONFIG_INVALID',
    'option deserializer needs the package simdjson, which is installed but was not compiled: run npm rebuild simdjson with a C++ compiler',
    { context: { option: 'deserializer', peer: 'simdjson' } },
  )
}

/**
 * The package simdjson, with the values that `JSON.parse` would give. The package sets members by their names up to the
 * first NUL, so that `__proto__` sets a prototype; it knows no -0, no number above 2⁶⁴ without a point, no lone surrogate
 * and no more than 1,024 levels. JSON that may hold one of these goes to `JSON.parse`; Discord's holds none.
 */
export class SimdjsonDeserializer implements Deserializer {
  readonly name = 'simdjson'
  readonly #simdjson: Simdjson

  constructor(simdjson: Simdjson) {
    this.#simdjson = simdjson
  }

  parse(bytes: Buffer, start: number, end: number): unknown {
    const json = bytes.toString('utf8', start, end)
    if (isBeyondSimdjson(json)) return JSON.parse(json)
    try {
      return this.#simdjson.parse(json)
    } catch {
      // What is wrong with it, if it is not only beyond simdjson.
      return JSON.parse(json)
    }
  }
}

/** An escape below U+0100 may spell any of the characters that matter. */
function isBeyondSimdjson(json: string): boolean {
  return json.includes('__proto__') || json.includes('\\u00') || /(?:^|[\s,:[])-0/.test(json)
}
