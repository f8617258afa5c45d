const untrusted =
  'no authority that is trusted vouches for it: find out who answers in its place, or give its root as tls.roots'
const clock = "renew it if the server is yours, else look whether this machine's clock is right"

/** What to do about what OpenSSL and Node say of a certificate (Node docs, *TLS*, X509 certificate error codes). */
const certificateAdvice: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_REJECTED: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: clock,
  CERT_NOT_YET_VALID: clock,
  CERT_REVOKED: 'its authority took it back: trust nobody who shows it',
  CERT_CHAIN_TOO_LONG: untrusted,
  INVALID_CA: untrusted,
  INVALID_PURPOSE: untrusted,
  PATH_LENGTH_EXCEEDED: untrusted,
  HOSTNAME_MISMATCH: 'it is for another host: connect to a name that it holds, or give one as tls.servername',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'it is for another host: connect to a name that it holds, or give one as tls.servername',
}

const version = 'it speaks no version of TLS from 1.2 on that we accept: the server must be updated'
const plainText = 'it does not speak TLS on this port: check the port of the URL'

/** The same of OpenSSL's reasons for a handshake that failed. */
const handshakeAdvice: Readonly<Record<string, string>> = {
  'tlsv1 alert protocol version': version,
  'unsupported protocol': version,
  'wrong version number': plainText,
  'packet length too long': plainText,
}

/** A failure of TLS: its code, what happened, and what to do. */
export interface TlsFailure {
  readonly code: string
  readonly what: string
  readonly advice: string
}

/** What an error says of TLS, or `undefined` if it is about something else. */
export function tlsFailure(error: unknown): TlsFailure | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const { code, message } = error
  const advice = certificateAdvice[code]
  if (advice !== undefined) return { code, what: message, advice }
  // OpenSSL's own line, `error:0A00042E:SSL routines:FUNCTION:REASON:FILE:LINE`, which Node gives as EPROTO at times.
  const reason = /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1]?.trim()
  if (reason !== undefined) {
    const name = `ERR_SSL_${reason.toUpperCase().replaceAll(/\W+/g, '_')}`
    return {
      code: name,
      what: reason,
      advice: handshakeAdvice[reason] ?? 'the two agree on no way to speak TLS',
    }
  }
  const isTls = code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')
  return isTls ? { code, what: message, advice: 'the two agree on no way to speak TLS' } : undefined
}
