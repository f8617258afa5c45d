import { isIP } from 'node:net'

import { generate } from 'selfsigned'

const hourMs = 3_600_000

/** What a server is started with. */
export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

/** From when to when a certificate is valid, from now on. Default: from an hour ago for a day. */
export interface Validity {
  readonly fromMs?: number
  readonly toMs?: number
}

/** A certificate authority that nobody trusts by himself. */
export class PrivateCa {
  /** Its certificate, as PEM text. */
  readonly cert: string
  readonly #key: string

  private constructor(cert: string, key: string) {
    this.cert = cert
    this.#key = key
  }

  static async create(name = 'a private authority'): Promise<PrivateCa> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
      ...common({}),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    })
    return new PrivateCa(cert, key)
  }

  /** A certificate for a host, by name or address. */
  async issue(host: string, validity: Validity = {}): Promise<ServerCertificate> {
    const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
      ...common(validity),
      ca: { key: this.#key, cert: this.cert },
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [isIP(host) > 0 ? { type: 7, ip: host } : { type: 2, value: host }],
        },
      ],
    })
    return { cert, key }
  }
}

function common({ fromMs = -hourMs, toMs = 24 * hourMs }: Validity) {
  const nowMs = Date.now()
  return {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs + fromMs),
    notAfterDate: new Date(nowMs + toMs),
  } as const
}
