import { ConfigError } from '../errors.ts'
import type { Encoding } from './codec.ts'
import type { Compression } from './inflate/inflater.ts'

/**
 * The address to open: `base` with `v=10`, `encoding` and, for a transport compression, `compress`. A query that
 * is already there is kept (Discord docs, *Gateway*, Gateway URL Query String Params).
 * @throws ConfigError CONFIG_INVALID if `base` is not a ws: or wss: URL
 */
export function gatewayUrl(base: string, compression: Compression, encoding: Encoding): string {
  const url = URL.parse(base)
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw ConfigError.option('gatewayUrl', base, 'a ws:// or wss:// URL')
  }
  // The websocket protocol has no place for a fragment (RFC 6455, section 3).
  url.hash = ''
  url.searchParams.set('v', '10')
  url.searchParams.set('encoding', encoding)
  if (compression === 'zlib-stream' || compression === 'zstd-stream') {
    url.searchParams.set('compress', compression)
  } else {
    url.searchParams.delete('compress')
  }
  return url.href
}
