import type { Agent } from 'node:http'

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

// Missing from the types of ws.
interface Options extends ClientOptions {
  readonly closeTimeout: number
}

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
    ...(url.startsWith('wss:') ? tlsSettings(agent, tls) : {}),
  }
  return new WebSocket(url, options)
}

/** An agent brings its own TLS settings, unless ours say otherwise. */
function tlsSettings(agent: Agent | undefined, tls: TlsOptions | undefined): TlsOptions {
  if (agent !== undefined && tls === undefined) return {}
  return {
    secureContext: secureContext(tls),
    ...(tls?.servername === undefined ? {} : { servername: tls.servername }),
  }
}
