import type { Agent } from 'node:http'
import { checkServerIdentity, TLSSocket, type ConnectionOptions } from 'node:tls'

import { WebSocket, type ClientOptions } from 'ws'

import { userAgent } from '../protocol/user-agent.ts'
import { secureContext, type TlsOptions } from './tls-context.ts'

/** What to connect to, and how. */
export interface WebSocketTarget {
  readonly url: string
  readonly maxMessageBytes: number
  readonly closeTimeoutMs: number
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: Agent
  readonly tls?: TlsOptions
}

type TlsSettings = Pick<
  ConnectionOptions,
  'secureContext' | 'minVersion' | 'servername' | 'rejectUnauthorized' | 'checkServerIdentity'
>

/** As ws takes them; its types lack the first and are wrong about the last. */
type Options = Omit<ClientOptions, 'checkServerIdentity'> & { readonly closeTimeout: number } & TlsSettings

/** Begins to connect. Throws what `ws` throws for a URL or header it cannot use. */
export function openWebSocket({ url, agent, tls, ...target }: WebSocketTarget): WebSocket {
  const options: Options = {
    headers: { 'User-Agent': userAgent, ...target.headers },
    maxPayload: target.maxMessageBytes,
    // Bounds the wait for the peer's FIN after its own close frame; ours is bounded by the socket.
    closeTimeout: target.closeTimeoutMs,
    // It would compress what is compressed, and keep two more windows.
    perMessageDeflate: false,
    // Each payload is checked once, inflated.
    skipUTF8Validation: true,
    followRedirects: false,
    ...(agent === undefined ? {} : { agent }),
    ...(url.startsWith('wss:') ? tlsSettings(url, agent, tls) : {}),
  }
  return new WebSocket(url, options as object)
}

/** An agent brings its own TLS settings, unless ours say otherwise. */
function tlsSettings(url: string, agent: Agent | undefined, tls: TlsOptions | undefined): TlsSettings {
  const { servername } = tls ?? {}
  const host = servername ?? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    ...(agent !== undefined && tls === undefined
      ? { minVersion: 'TLSv1.2' }
      : { secureContext: secureContext(tls) }),
    ...(servername === undefined ? {} : { servername }),
    // Said here, it cannot be switched off by NODE_TLS_REJECT_UNAUTHORIZED, which concerns all of a process.
    rejectUnauthorized: true,
    // Agents forget the host if it is an address: they have no name to ask for.
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  }
}

/** The version of TLS of a connection whose version is too old, if it has one. */
export function outdatedTls(transport: object): string | undefined {
  const protocol = transport instanceof TLSSocket ? transport.getProtocol() : null
  return protocol === null || protocol === 'TLSv1.2' || protocol === 'TLSv1.3' ? undefined : protocol
}
