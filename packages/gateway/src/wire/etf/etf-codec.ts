import type { PayloadCodec } from '../codec.ts'
import type { Header } from '../header.ts'
import { malformed } from '../malformed.ts'
import { TermDecoder } from './decode.ts'
import { TermEncoder } from './encode.ts'
import { TermScanner } from './scan.ts'
import { skipTerm } from './skip.ts'
import { termVersion } from './terms.ts'

/** Payloads in Erlang's external term format, one term each (Discord docs, *Gateway*, Encoding). */
export class EtfCodec implements PayloadCodec {
  readonly encoding = 'etf'
  readonly #scanner = new TermScanner()
  readonly #decoder = new TermDecoder()
  readonly #encoder = new TermEncoder()

  scan(bytes: Buffer): Header {
    return this.#scanner.scan(bytes)
  }

  split(bytes: Buffer): readonly Buffer[] {
    const payloads: Buffer[] = []
    let at = 0
    do {
      if (bytes[at] !== termVersion) throw malformed(`a term begins with ${termVersion}`, bytes, at)
      const end = skipTerm(bytes, at + 1)
      payloads.push(bytes.subarray(at, end))
      at = end
    } while (at < bytes.length)
    return payloads
  }

  parse(bytes: Buffer, start: number, end: number): unknown {
    return this.#decoder.decode(bytes, start, end)
  }

  pack(payload: { readonly op: number; readonly d: unknown }): Buffer {
    return this.#encoder.encode(payload)
  }
}
