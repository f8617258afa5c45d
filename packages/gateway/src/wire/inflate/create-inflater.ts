import type { Encoding } from '../codec.ts'
import type { Compression, Inflater, InflaterOptions } from './inflater.ts'
import { NoneInflater } from './none.ts'
import { PayloadInflater } from './payload.ts'
import { TermInflater } from './term.ts'
import { ZlibStreamInflater } from './zlib-stream.ts'
import { ZstdStreamInflater } from './zstd-stream.ts'

const inflaters: Readonly<Record<Compression, new (options: InflaterOptions) => Inflater>> = {
  'zstd-stream': ZstdStreamInflater,
  'zlib-stream': ZlibStreamInflater,
  payload: PayloadInflater,
  none: NoneInflater,
}

/**
 * The inflater of a new connection.
 * @throws ConfigError CONFIG_INVALID if this runtime cannot inflate `compression` synchronously
 */
export function createInflater(
  compression: Compression,
  options: InflaterOptions,
  encoding: Encoding = 'json',
): Inflater {
  if (encoding === 'etf' && (compression === 'payload' || compression === 'none')) {
    return new TermInflater(options)
  }
  return new inflaters[compression](options)
}
