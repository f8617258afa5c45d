import { constants, createDeflate, createZstdCompress, type Deflate, type ZstdCompress } from 'node:zlib'

import { splitDocuments } from '../../src/wire/documents.ts'
import type { Inflater } from '../../src/wire/inflate/inflater.ts'

/** Compresses payloads as the gateway does: one stream, flushed after each; one message for each. */
export async function compress(
  format: 'zlib' | 'zstd',
  payloads: readonly (string | Buffer)[],
): Promise<Buffer[]> {
  const stream =
    format === 'zlib' ? createDeflate() : createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 18 } })
  const kind = format === 'zlib' ? constants.Z_SYNC_FLUSH : constants.ZSTD_e_flush
  const messages: Buffer[] = []
  for (const payload of payloads) messages.push(await flushed(stream, payload, kind))
  stream.destroy()
  return messages
}

function flushed(stream: Deflate | ZstdCompress, payload: string | Buffer, kind: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  const collect = (chunk: Buffer): number => chunks.push(chunk)
  stream.on('data', collect)
  stream.once('error', reject)
  stream.write(payload)
  stream.flush(kind, () => {
    stream.off('data', collect)
    stream.off('error', reject)
    resolve(Buffer.concat(chunks))
  })
  return promise
}

/** Cuts bytes at the given places, taken modulo the length. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % bytes.length))].toSorted((a, b) => a - b)
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length))
}

/** Every payload that an inflater makes of binary messages, as text, split where it may hold several. */
export function inflateAll(inflater: Inflater, messages: readonly Buffer[]): string[] {
  const payloads: Buffer[] = []
  for (const message of messages) {
    const bytes = inflater.inflate(message, true)
    if (bytes === undefined) continue
    payloads.push(...(inflater.mayHoldSeveral ? splitDocuments(bytes) : [bytes]))
  }
  // As text only now: no payload may have been overwritten by a later one.
  return payloads.map(String)
}
