import { createHash } from 'node:crypto'
import {
  createSecureContext,
  DEFAULT_MIN_VERSION,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'

import { ConfigError } from '../errors.ts'
import { pemCertificates } from './pem.ts'

/** The versions of TLS that are spoken; older ones are not secure (RFC 8996). */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** TLS settings of a connection. That the peer's certificate is checked is not among them. */
export interface TlsOptions extends Omit<
  SecureContextOptions,
  'minVersion' | 'maxVersion' | 'secureProtocol'
> {
  /**
   * The authorities whose certificates are accepted: `'bundled'` are Mozilla's, which come with Node; `'system'` those of
   * this machine's store, where an organisation puts its own; PEM texts are those and no others. Default: Node's, which
   * are the bundled ones and what NODE_EXTRA_CA_CERTS adds. `ca` is the same by Node's name; give one of the two.
   */
  readonly roots?: 'bundled' | 'system' | (string & {}) | readonly string[]
  /** The oldest version accepted. Default `TLSv1.2`; there is no way to go below it. */
  readonly minVersion?: TlsVersion
  /** The newest version accepted. Default `TLSv1.3`. */
  readonly maxVersion?: TlsVersion
  /** A context made elsewhere, instead of all other settings but `servername`. */
  readonly secureContext?: SecureContext
  /** The name to ask for and to check, if it is not the URL's host. */
  readonly servername?: string
}

const versions: readonly unknown[] = ['TLSv1.2', 'TLSv1.3', undefined]
/** The process may demand more (`--tls-min-v1.3`), never less. */
const oldest: TlsVersion = DEFAULT_MIN_VERSION === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2'

const defaults: TlsOptions = {}
const contexts = new WeakMap<TlsOptions, SecureContext>()
const contextsBySettings = new Map<string, WeakRef<SecureContext>>()

/**
 * The context of these settings: one for all connections whose settings are equal, for each costs memory and time.
 * @throws ConfigError CONFIG_INVALID if no context can be made of them
 */
export function secureContext(tls: TlsOptions = defaults): SecureContext {
  const known = tls.secureContext ?? contexts.get(tls)
  if (known !== undefined) return known
  const settings = fingerprint(tls)
  const shared = settings === undefined ? undefined : contextsBySettings.get(settings)?.deref()
  const context = shared ?? create(tls)
  contexts.set(tls, context)
  if (settings !== undefined) contextsBySettings.set(settings, new WeakRef(context))
  return context
}

/**
 * Checks TLS settings, and makes their context, which connections will share. That of the system's roots is made when
 * the first connection needs it, where the connections are: reading the store takes time.
 * @throws ConfigError CONFIG_INVALID
 */
export function checkTls(tls: TlsOptions): void {
  if (typeof tls !== 'object' || tls === null) throw ConfigError.option('tls', tls, 'an object')
  for (const name of ['minVersion', 'maxVersion'] as const) {
    if (!versions.includes(tls[name])) {
      throw ConfigError.option(`tls.${name}`, tls[name], 'TLSv1.2 or TLSv1.3: older versions are not secure')
    }
  }
  if ('secureProtocol' in tls) {
    throw ConfigError.option('tls.secureProtocol', tls.secureProtocol, 'left out: use minVersion, maxVersion')
  }
  const { secureContext: own, servername: _name, roots, ...rest } = tls
  if (own !== undefined && Object.values({ roots, ...rest }).some((value) => value !== undefined)) {
    throw ConfigError.option(
      'tls.secureContext',
      own,
      'alone, or with servername: it brings its own settings',
    )
  }
  if (roots !== undefined && tls.ca !== undefined) {
    throw ConfigError.option('tls.ca', tls.ca, 'left out beside tls.roots, which says the same')
  }
  if (tls.minVersion === 'TLSv1.3' && tls.maxVersion === 'TLSv1.2') {
    throw ConfigError.option('tls.maxVersion', tls.maxVersion, 'minVersion or newer')
  }
  if (roots === 'system') return
  // Also if its context is there: a value of another type may look the same.
  if (roots !== undefined && roots !== 'bundled') pemCertificates('tls.roots', roots)
  secureContext(tls)
}

function create({ roots, secureContext: _own, servername: _name, ...options }: TlsOptions): SecureContext {
  const ca = roots === undefined ? options.ca : certificatesOf(roots)
  try {
    return createSecureContext({
      ...options,
      minVersion: options.minVersion ?? oldest,
      ...(ca === undefined ? {} : { ca }),
    })
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError('CONFIG_INVALID', `option tls cannot be used: ${what}`, {
      cause,
      context: { option: 'tls' },
    })
  }
}

function certificatesOf(roots: NonNullable<TlsOptions['roots']>): string[] {
  if (roots === 'bundled') return getCACertificates('bundled')
  if (roots !== 'system') return pemCertificates('tls.roots', roots)
  const certificates = getCACertificates('system')
  if (certificates.length > 0) return certificates
  throw ConfigError.option(
    'tls.roots',
    roots,
    "'bundled', or PEM texts: this system has no store of root certificates (most call the package ca-certificates)",
  )
}

/** What makes two settings equal, or `undefined` if they hold something that has no text, like a key object. */
function fingerprint(tls: TlsOptions): string | undefined {
  const hash = createHash('sha256')
  for (const [name, value] of Object.entries(tls).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (name === 'servername') continue
    const parts: readonly unknown[] = Array.isArray(value) ? value : [value]
    hash.update(`${name}:${parts.length}`)
    for (const part of parts) {
      const text = textOf(part)
      if (text === undefined) return undefined
      hash.update(`:${text.length}:${text}`)
    }
  }
  return hash.digest('base64')
}

function textOf(part: unknown): string | undefined {
  if (typeof part === 'string') return `text ${part}`
  if (part instanceof Uint8Array) return `text ${Buffer.from(part).toString('latin1')}`
  const isPlain = part === undefined || typeof part === 'number' || typeof part === 'boolean'
  return isPlain ? `${typeof part} ${part}` : undefined
}
