/**
 * `twilight-gateway/simdjson`: the package simdjson as a deserializer. It is slower than V8's `JSON.parse`, since each
 * value crosses into JavaScript by itself; see docs/deserializers-and-compression.md for the figures.
 */
import type { Deserializer } from './wire/codec.ts'
import { loadSimdjson, SimdjsonDeserializer } from './wire/simdjson-deserializer.ts'

/**
 * Makes a deserializer of the package simdjson, an optional peer, for the option `deserializer`.
 *
 * ```ts
 * const cluster = await Cluster.create({ token, intents, deserializer: simdjsonDeserializer() })
 * ```
 * @throws ConfigError CONFIG_INVALID if the package is not installed or was not compiled
 */
export function simdjsonDeserializer(): Deserializer {
  return new SimdjsonDeserializer(loadSimdjson())
}
