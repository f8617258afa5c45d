import { deflateSync } from 'node:zlib'

import type { Compressor } from '../compressor/compressor.ts'
import type { Encoding } from './encoding.ts'
import { EtfReader } from './etf-reader.ts'
import { Etf, formatVersion } from './etf-tag.ts'
import { EtfWriter, isFieldName } from './etf-writer.ts'
import type { EtfSwitches } from './etf-writer.ts'

/** A map of four whose keys, atoms, come in Erlang's order: `d, op, s, t` (rule E17). */
const head = Buffer.from([formatVersion, Etf.MAP, 0, 0, 0, 4, ...atom('d')])
const opKey = atom('op')
const sequenceKey = atom('s')
const typeKey = atom('t')
const nil = atom('nil')
const dispatchOp = Buffer.from([...opKey, Etf.SMALL_INTEGER, 0, ...sequenceKey])

/** Names of events that are kept as atoms; Discord has fewer than a hundred. */
const maxNames = 1000

/** Payload compression: Erlang's own, a compressed term with the size that it has inflated [O]. */
const termCompressor: Compressor = {
  compress(payload) {
    const term = payload.subarray(1)
    const size = Buffer.allocUnsafe(4)
    size.writeUInt32BE(term.length)
    return Buffer.concat([Buffer.from([formatVersion, Etf.COMPRESSED]), size, deflateSync(term)])
  },
  close: () => undefined,
}

/** `encoding=etf`. Source: Discord docs, *Gateway*, Encoding; key order and tags [O captures of 2018]. */
export function etfEncoding(switches: EtfSwitches): Encoding {
  const writer = new EtfWriter(switches)
  const names = new Map<string, Buffer>()
  const nameOf = (type: string): Buffer => {
    const known = names.get(type)
    if (known !== undefined) return known
    const name = isFieldName(type) ? atom(type) : writer.write(type)
    if (names.size < maxNames) names.set(type, name)
    return name
  }
  return {
    name: 'etf',
    isBinary: true,
    payloadCompressor: termCompressor,
    body: (data) => writer.write(data),
    data: (body) => EtfReader.read(body, 0, 'any'),
    dispatch: ({ type, sequence, body }) =>
      Buffer.concat([head, body, dispatchOp, writer.write(sequence), typeKey, nameOf(type)]),
    payload: (op, data) =>
      Buffer.concat([head, writer.write(data), opKey, writer.write(op), sequenceKey, nil, typeKey, nil]),
    read(message) {
      if (message[0] !== formatVersion) throw new Error('no term')
      return EtfReader.read(message, 1, 'binary')
    },
  }
}

function atom(name: string): Buffer {
  return Buffer.from([Etf.ATOM, 0, name.length, ...Buffer.from(name)])
}
