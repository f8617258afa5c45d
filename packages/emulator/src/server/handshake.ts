import type { EncodingName } from '../encoding/encoding.ts'
import { gatewayVersions } from '../protocol/limit.ts'
import type { Switches } from '../switches.ts'

/** What the gateway URL's query settles. */
export interface GatewayQuery {
  readonly version: string
  readonly encoding: EncodingName
  readonly compression: 'none' | 'zlib-stream' | 'zstd-stream'
  /** False: Hello is not sent, the socket closes with 4012 instead. */
  readonly versionSupported: boolean
}

const encodings: ReadonlyMap<string | null, EncodingName> = new Map([
  [null, 'json'],
  ['json', 'json'],
  ['etf', 'etf'],
])

const compressions: ReadonlyMap<string | null, GatewayQuery['compression']> = new Map([
  [null, 'none'],
  ['zlib-stream', 'zlib-stream'],
  ['zstd-stream', 'zstd-stream'],
])

/**
 * Reads `v`, `encoding` and `compress`; undefined means that the upgrade is refused with 400. Without `v` the
 * version is 6 (docs), without `encoding` it is json [O].
 */
export function parseQuery(url: string, switches: Switches): GatewayQuery | undefined {
  const query = new URLSearchParams(url.split('?', 2)[1])
  const version = query.get('v') ?? '6'
  const encoding = encodings.get(query.get('encoding'))
  const lenient = switches.badQuery === 'ignore'
  const compression = compressions.get(query.get('compress'))
  if (!lenient && (encoding === undefined || compression === undefined)) return undefined
  const versionSupported = gatewayVersions.has(version)
  if (!versionSupported && switches.badVersion === 'http-400') return undefined
  return {
    version,
    encoding: encoding ?? 'json',
    compression: compression ?? 'none',
    versionSupported,
  }
}
