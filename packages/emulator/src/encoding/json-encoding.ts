import { isUtf8 } from 'node:buffer'

import { payloadCompressor } from '../compressor/zlib-stream.ts'
import { dispatchPayload, opPayload } from '../connection/payload.ts'
import type { Encoding } from './encoding.ts'

const bodyHead = ',"op":0,"d":'

/** `encoding=json`. A body is everything behind the sequence. */
export const jsonEncoding: Encoding = {
  name: 'json',
  isBinary: false,
  payloadCompressor,
  body: (data) => Buffer.from(`${bodyHead}${JSON.stringify(data ?? null)}}`),
  data: (body) => JSON.parse(body.toString('utf8', bodyHead.length, body.length - 1)),
  dispatch: dispatchPayload,
  payload: opPayload,
  read(message) {
    if (!isUtf8(message)) throw new Error('text that is not UTF-8')
    return JSON.parse(message.toString())
  },
}
