/**
 * What it costs to turn an event's `d` into a value: V8's `JSON.parse` and simdjson, as the library uses them and bare.
 * Run by hand, from the root:
 * `node --expose-gc --conditions=twilight-source packages/gateway/test/measure/deserialize.ts`
 */
import type { Deserializer } from '../../src/index.ts'
import { v8Deserializer } from '../../src/wire/json-codec.ts'
import { SimdjsonDeserializer, type Simdjson } from '../../src/wire/simdjson-deserializer.ts'
import { nativeAddon } from '../support/native-addon.ts'
import { measureWays, printCosts, type Way } from './rounds.ts'
import { trafficPayloads, type TrafficPayload } from './traffic.ts'

const { exports, problem } = await nativeAddon('simdjson', '0.9.2')
if (problem !== undefined) throw new Error(problem)
const simdjson = exports as Simdjson

for (const [profile, count, what] of [
  ['A', 20_000, 'messages, typing, reactions, voice'],
  ['B', 20_000, 'mostly presences'],
  ['C', 200, 'whole guilds'],
] as const) {
  const payloads = trafficPayloads(profile, count)
  const texts = payloads.map(({ bytes, dataStart }) => bytes.toString('utf8', dataStart, bytes.length - 1))
  const ways = new Map<string, Way>([
    ['JSON.parse, as the default', () => parseAll(v8Deserializer, payloads)],
    ['simdjson, as the adapter', () => parseAll(new SimdjsonDeserializer(simdjson), payloads)],
    ['JSON.parse, of a string', () => texts.forEach((text) => use(JSON.parse(text)))],
    ['simdjson.parse, of a string', () => texts.forEach((text) => use(simdjson.parse(text)))],
    ['simdjson.lazyParse, nothing read', () => texts.forEach((text) => use(simdjson.lazyParse(text)))],
  ])
  const size = Math.round(payloads.reduce((sum, { bytes }) => sum + bytes.length, 0) / count)
  printCosts(`${what}: ${count} payloads of ${size} bytes`, measureWays(ways, count))
}

function parseAll(deserializer: Deserializer, payloads: readonly TrafficPayload[]): void {
  for (const { bytes, dataStart } of payloads) use(deserializer.parse(bytes, dataStart, bytes.length - 1))
}

/** The compiler must not see that nobody needs the value. */
function use(value: unknown): void {
  if (value === undefined) throw new TypeError('nothing was parsed')
}
