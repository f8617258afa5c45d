import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'

/** TLS settings of a connection. That the peer's certificate is checked is not among them. */
export interface TlsOptions extends SecureContextOptions {
  /** A context made elsewhere; the other settings then have no effect. */
  readonly secureContext?: SecureContext
  /** The name to ask for and to check, if it is not the URL's host. */
  readonly servername?: string
}

const defaults: TlsOptions = {}
const contexts = new WeakMap<TlsOptions, SecureContext>()

/** The context of these settings: one for all connections that share the object, for each costs memory and time. */
export function secureContext(tls: TlsOptions = defaults): SecureContext {
  const known = tls.secureContext ?? contexts.get(tls)
  if (known !== undefined) return known
  const context = createSecureContext(tls)
  contexts.set(tls, context)
  return context
}
