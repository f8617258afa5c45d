import { ConfigError } from '../errors.ts'
import type { PresenceUpdate } from '../protocol/commands.ts'
import { limits } from '../protocol/limits.ts'
import { Opcode } from '../protocol/opcodes.ts'
import type { PayloadCodec } from '../wire/codec.ts'

/** What IDENTIFY carries (Discord docs, *Gateway Events*, Identify). */
export interface IdentifyOptions {
  readonly token: string
  readonly intents: number
  readonly shardId: number
  readonly shardCount: number
  readonly largeThreshold: number
  readonly properties: { readonly os: string; readonly browser: string; readonly device: string }
  readonly capabilities: number | undefined
  /** Payload compression, instead of a compressed transport. */
  readonly compress: boolean
}

/**
 * An IDENTIFY as it is sent.
 * @throws ConfigError CONFIG_INVALID if it is larger than the gateway accepts
 */
export function identifyPayload(
  { codec, identify: options }: { readonly codec: PayloadCodec; readonly identify: IdentifyOptions },
  presence: PresenceUpdate | undefined,
): string | Buffer {
  const payload = codec.pack({
    op: Opcode.Identify,
    d: {
      token: options.token,
      properties: options.properties,
      intents: options.intents,
      large_threshold: options.largeThreshold,
      shard: [options.shardId, options.shardCount],
      ...(options.compress ? { compress: true } : {}),
      ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
      ...(presence ? { presence } : {}),
    },
  })
  const sizeBytes = Buffer.byteLength(payload)
  if (sizeBytes <= limits.payloadBytes) return payload
  throw new ConfigError(
    'CONFIG_INVALID',
    `IDENTIFY would be ${sizeBytes} bytes and the gateway accepts ${limits.payloadBytes}; shorten presence or properties`,
    { context: { sizeBytes, maxPayloadBytes: limits.payloadBytes } },
  )
}
