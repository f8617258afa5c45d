import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { CloseCode } from '../protocol/close-code.ts'
import { allIntents, privilegedIntents, userOnlyIntents } from '../protocol/intent.ts'
import { Limit } from '../protocol/limit.ts'
import type { ViolationRule } from '../report/report.ts'
import { initialPresenceProblem } from './presence-payload.ts'

/** A checked identify, except for its token. Source: Discord docs, *Gateway Events*, Identify. */
export interface IdentifyPayload {
  readonly token: string
  readonly intents: number
  /** Undefined when the client sent none: then `[0, 1]`, and READY has no `shard`. */
  readonly shard: readonly [id: number, count: number] | undefined
  readonly compress: boolean
  readonly largeThreshold: number
  readonly capabilities: number
  readonly presence: JsonObject | undefined
}

/** Why an identify is refused. */
export interface Refusal {
  readonly rule: ViolationRule
  readonly message: string
  readonly code: number
}

/** What identify is checked against besides its own shape. */
export interface IdentifyRules {
  readonly version: number
  readonly shardCountBase: number
  readonly acceptUserIntents: boolean
  /** The socket compresses its stream: `compress` is ignored, whatever it is (oceanic.js 1.15 sends a name). */
  readonly transportCompression: boolean
}

/** Checks the `d` of op 2 except its token, in the order in which the refusals win (rules E6, E11, E13). */
export function parseIdentify(data: unknown, rules: IdentifyRules): IdentifyPayload | Refusal {
  if (!isObject(data)) return bad('identify d is not an object')
  const { token, properties, presence } = data
  const compress = rules.transportCompression ? false : (data['compress'] ?? false)
  if (typeof token !== 'string') return bad('token is not a string')
  if (!isObject(properties)) return bad('properties is not an object')
  if (typeof compress !== 'boolean') return bad('compress is not a boolean')
  const threshold = data['large_threshold'] ?? Limit.largeThresholdMin
  if (!Number.isSafeInteger(threshold)) return bad('large_threshold is not an integer')
  const capabilities = data['capabilities'] ?? 0
  if (!isCount(capabilities)) return bad('capabilities is not a non-negative integer')
  const presenceFault =
    presence === undefined || presence === null ? undefined : initialPresenceProblem(presence)
  if (presenceFault !== undefined) return bad(presenceFault)
  const shard = parseShard(data['shard'], rules.shardCountBase)
  if (shard === 'invalid') {
    const message = `shard is ${JSON.stringify(data['shard'])}`
    return { rule: 'shard', message, code: CloseCode.InvalidShard }
  }
  const intents = parseIntents(data['intents'], rules)
  if (intents === undefined) {
    const message = `intents are ${JSON.stringify(data['intents'])}`
    return { rule: 'intents', message, code: CloseCode.InvalidIntents }
  }
  return {
    token,
    intents,
    shard,
    compress,
    largeThreshold: Math.min(Math.max(Number(threshold), Limit.largeThresholdMin), Limit.largeThresholdMax),
    capabilities,
    presence: isObject(presence) ? presence : undefined,
  }
}

function parseShard(value: unknown, base: number): readonly [number, number] | undefined | 'invalid' {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || value.length !== 2) return 'invalid'
  const [id, count] = value as unknown[]
  if (!isCount(id) || !isCount(count)) return 'invalid'
  return id < count && count % base === 0 ? [id, count] : 'invalid'
}

function parseIntents(value: unknown, rules: IdentifyRules): number | undefined {
  if (value === undefined && rules.version < 8) return allIntents & ~privilegedIntents
  if (!isCount(value) || value > 0x7fff_ffff) return undefined
  const known = rules.acceptUserIntents ? allIntents | userOnlyIntents : allIntents
  return (value & ~known) === 0 ? value : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function bad(message: string): Refusal {
  return { rule: 'payload', message, code: CloseCode.UnknownOpcode }
}
