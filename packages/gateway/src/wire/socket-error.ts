import type { IncomingMessage } from 'node:http'

import { ConnectError, DecodeError, GatewayError, TimeoutError } from '../errors.ts'
import { tlsFailure } from './tls-error.ts'

/** The host and port of a URL; all of it that errors show. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'an invalid URL'
}

/** TCP, TLS and upgrade took too long. */
export function connectTimedOut(url: string, timeoutMs: number): TimeoutError {
  const host = hostOf(url)
  return new TimeoutError('TIMEOUT_CONNECT', `connecting to ${host} took longer than ${timeoutMs} ms`, {
    context: { host, timeoutMs },
  })
}

/** The upgrade was answered with another status than 101. */
export function connectRefused(url: string, { statusCode: status, headers }: IncomingMessage): ConnectError {
  const host = hostOf(url)
  const retryAfterMs = Number(headers['retry-after']) * 1_000
  const advice = status === 407 ? ': the proxy on the way wants other credentials' : ''
  const message = `${host} refused the websocket upgrade with status ${status}${advice}`
  return new ConnectError('CONNECT_REFUSED', message, {
    context: {
      host,
      status,
      ...(Number.isFinite(retryAfterMs) && retryAfterMs >= 0 ? { retryAfterMs } : {}),
    },
  })
}

/** The connection never opened. */
export function connectFailed(url: string, cause: unknown): GatewayError {
  if (GatewayError.isGatewayError(cause)) return cause
  const host = hostOf(url)
  const tls = tlsFailure(cause)
  if (tls !== undefined) {
    const { code, what, advice } = tls
    return new ConnectError('CONNECT_TLS', `cannot connect to ${host} by TLS: ${what}; ${advice}`, {
      context: { host, code },
      cause,
    })
  }
  return new ConnectError('CONNECT_FAILED', `cannot connect to ${host}: ${describe(cause)}`, {
    context: { host, ...codeOf(cause) },
    cause,
  })
}

/** The handshake ended with a version below TLS 1.2, which an agent or a context made elsewhere allowed. */
export function tlsOutdated(url: string, protocol: string): ConnectError {
  const host = hostOf(url)
  return new ConnectError(
    'CONNECT_TLS',
    `${host} agreed with the agent on ${protocol}, which is not secure: let its minVersion be TLSv1.2`,
    { context: { host, protocol } },
  )
}

// What ws reports when a message passes one of its limits.
const oversizeCodes: readonly unknown[] = [
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
]

/** What the peer sent on an open connection is no websocket message, or one above a limit. */
export function messageRejected(limitBytes: number, cause: unknown): DecodeError {
  const { code } = codeOf(cause)
  if (oversizeCodes.includes(code)) {
    return new DecodeError('DECODE_OVERSIZE', `message is larger than ${limitBytes} bytes`, {
      context: { limitBytes, code },
      cause,
    })
  }
  return new DecodeError('DECODE_PAYLOAD', `not a websocket message: ${describe(cause)}`, {
    context: { code },
    cause,
  })
}

/** A payload could not be decoded; what is not ours to name is taken for a payload that does not decode. */
export function payloadRejected(cause: unknown): GatewayError {
  if (GatewayError.isGatewayError(cause)) return cause
  return new DecodeError('DECODE_PAYLOAD', `payload cannot be decoded: ${describe(cause)}`, { cause })
}

function describe(cause: unknown): string {
  // Node gives one error per address tried, and no message of its own.
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(describe).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}

function codeOf(cause: unknown): { readonly code?: unknown } {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? { code: cause.code } : {}
}
