import type { Compression, Inflater, InflaterOptions } from './inflater.ts'
import { NoneInflater } from './none.ts'
import { PayloadInflater } from './payload.ts'
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
export function createInflater(compression: Compression, options: InflaterOptions): Inflater {
  return new inflaters[compression](options)
}
