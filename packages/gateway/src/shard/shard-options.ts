import type { Agent } from 'node:http'

import type { Clock } from '../clock.ts'
import type { PresenceUpdate } from '../protocol/commands.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import type { BackoffOptions } from '../session/backoff.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { SessionStore } from '../store/session-store.ts'
import type { Deserializer, Encoding } from '../wire/codec.ts'
import type { Compression, ZlibLibrary } from '../wire/inflate/inflater.ts'
import type { TlsOptions } from '../wire/tls-context.ts'
import type { AgentModule } from './agent-module.ts'
import type { AnyEventType } from './listeners.ts'

/** Deadlines in milliseconds. */
export interface ShardTimeouts {
  /** TCP, TLS and the websocket upgrade together. Default 15,000. */
  readonly connectMs: number
  /** From the open socket to HELLO. Default 20,000. */
  readonly helloMs: number
  /** From IDENTIFY to READY; an INVALID_SESSION may take several seconds. Default 30,000. */
  readonly readyMs: number
  /** Longest silence during a replay. Default 60,000. */
  readonly resumedMs: number
  /** From our close frame to the peer's, then TCP is dropped. Default 5,000. */
  readonly closeMs: number
  /** Each call of the session store; the shard goes on without it then. Default 10,000. */
  readonly storeMs: number
}

/** How many worker threads hold the shards; `'auto'` is one less than the machine has cores, and at least 1. */
export type Threads = number | 'auto'

/** What shards and clusters have in common. */
export interface CommonOptions {
  /** The bot's token, with or without the `Bot ` prefix. It never leaves in a log, an error or JSON. */
  readonly token: string
  /** Bits of `Intents`, combined with `|`. */
  readonly intents: number
  /**
   * Transport compression. Default `zstd-stream`, the cheapest in bytes and time; `none` suits a proxy on the
   * same host; `payload` is the older way that compresses single payloads.
   */
  readonly compression?: Compression
  /**
   * How payloads are written on the wire; `event.data` is the same. Default `json`. `etf` suits those who pass `event.raw`
   * on to Erlang, and costs more: no fewer bytes under a transport compression; to find the envelope of a message takes
   * three times as long, of a large guild longer still, and to read their data 1.4 to 1.9 times, since V8 parses JSON
   * natively. A session can only be resumed with the encoding that it was identified with.
   */
  readonly encoding?: Encoding
  /**
   * What inflates `zlib-stream`. Default `node`: Node's own zlib. `zlib-sync` is the package of that name, an optional
   * peer, for a Node whose zlib this version cannot use; it is slower, and each connection leaks memory when it ends.
   */
  readonly zlib?: ZlibLibrary
  /**
   * What turns the JSON of an event's `d` into `event.data`, in the thread that reads it, when it is first read. Default
   * V8's `JSON.parse`, the fastest known; `twilight-gateway/simdjson` has one more. Not for `encoding: 'etf'`.
   */
  readonly deserializer?: Deserializer
  /**
   * Names of the dispatches you want; others cost no parsing and no object. Default: all. READY and RESUMED
   * must be named to be delivered; life-cycle events always are.
   */
  readonly eventTypes?: readonly AnyEventType[]
  /** Members from which a guild counts as large, 50 to 250: its offline members are left out. Default 50. */
  readonly largeThreshold?: number
  /** What the bot says it runs on. Default: this platform, `twilight-gateway` twice. */
  readonly identifyProperties?: { readonly os?: string; readonly browser?: string; readonly device?: string }
  /** IDENTIFY's `capabilities` bits. Default: the key is not sent. */
  readonly capabilities?: number
  /** Whether to keep Discord's send limits. Switch it off only behind a proxy that keeps them. Default true. */
  readonly rateLimit?: boolean
  /**
   * Connections that are opened at the same time, in each thread; one that takes longer than two seconds no longer
   * counts. Default 32: when Discord deploys, all shards reconnect at once.
   */
  readonly connectsAtOnce?: number
  /** Commands that may wait to be sent, per shard. Default 1,000. */
  readonly commandQueueLimit?: number
  /**
   * Events that may wait for the consumer, per shard, before reading stops. With `threads` as many wait on either side,
   * and a few batches between them. Default 1,000.
   */
  readonly highWaterMark?: number
  /** Bytes of events that may wait for the consumer, in all, before reading stops. Default 64 MiB. */
  readonly highWaterBytes?: number
  /** Largest websocket message accepted. Default 64 MiB. */
  readonly maxMessageBytes?: number
  /** Largest inflated payload accepted. Default 128 MiB. */
  readonly maxInflatedBytes?: number
  /**
   * Where sessions outlive the process: they are loaded before the start, saved with the sequence of the last event
   * that you acknowledged, and deleted when Discord or `down` ends them. A `FileSessionStore` for one machine. Default:
   * none, and a process that starts anew identifies anew. (With listeners alone, an event counts as acknowledged when
   * they were called, whatever they still do then.)
   */
  readonly sessionStore?: SessionStore
  /**
   * How often what changed is saved. A process that crashes repeats, after its restart, the events of so long. Default
   * 1,000.
   */
  readonly sessionSaveIntervalMs?: number
  readonly timeouts?: Partial<ShardTimeouts>
  /** How long to wait before reconnecting. */
  readonly backoff?: Partial<BackoffOptions>
  /**
   * An agent for the connection, e.g. one that speaks to an HTTP or SOCKS proxy. With `threads` it must be a module that
   * makes one. Not for the HTTP API: see `fetch` of a cluster. Default: none, the connection is made directly.
   */
  readonly agent?: Agent | AgentModule
  /** TLS settings, e.g. `roots` for a private authority. Default: Node's roots, TLS 1.2 or newer. */
  readonly tls?: TlsOptions
  /**
   * How many worker threads hold the sockets, inflate, and keep sessions alive: a handler that blocks the main thread
   * then costs no connection. `'auto'` is one less than the machine has cores. Events arrive in batches, as bytes.
   * Names that `eventTypes` does not list are left out within the threads. Default 0: everything in this thread.
   */
  readonly threads?: Threads
  /** Source of time; tests give a virtual one. */
  readonly clock?: Clock
  /** Source of jitter in [0, 1). Default `Math.random`. */
  readonly random?: () => number
}

/** Options of a single shard. */
export interface ShardOptions extends CommonOptions {
  /** `[id, count]`. Default `[0, 1]`. */
  readonly shard?: readonly [id: number, count: number]
  /** Where to connect at first; resumes follow what Discord says in READY. Default `wss://gateway.discord.gg`. */
  readonly gatewayUrl?: string
  /** The presence to start with. */
  readonly presence?: PresenceUpdate
  /**
   * Where to wait for the right to identify. All shards of a bot, wherever they run, must share one. Default: one of
   * this shard's own, enough for a bot of one shard: one identify per 5 s.
   */
  readonly identifyQueue?: IdentifyQueue
  /** A session to resume instead of identifying, whatever the session store holds. */
  readonly session?: GatewaySession
}
