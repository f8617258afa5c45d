import type { ClosedError } from '../errors.ts'
import type { GatewayCommand, PresenceUpdate } from '../protocol/commands.ts'
import type { IdentifyQueue } from '../queue/identify-queue.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import type { LifecycleData, LifecycleName } from '../session/lifecycle.ts'
import type { StopMode } from '../session/session.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { EventBuffer } from './event-buffer.ts'
import type { GatewayEvent } from './event.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { RunnerInfo } from './shard-info.ts'

/** Where the events of shards go. */
export interface EventSink {
  /** A shard's buffer joins. */
  add(buffer: EventBuffer): void
  /** A buffer went from empty to non-empty, or ended. */
  readable(buffer: EventBuffer): void
  /** Whether events go to the stream, or wait there for whoever comes. */
  readonly isBuffering: boolean
  /** Whether an event of this name would reach anybody. */
  wants(type: string): boolean
  /** Takes an event; what nobody can have at once waits in the shard's buffer. */
  push(event: GatewayEvent, buffer: EventBuffer): void
}

/** What a runner is made of. */
export interface ShardRunnerOptions {
  readonly id: number
  readonly shardCount: number
  readonly common: ResolvedOptions
  readonly gatewayUrl: string
  readonly presence: PresenceUpdate | undefined
  readonly identifyQueue: IdentifyQueue
  readonly sink: EventSink
  readonly budget: ByteBudget
  /** The names that `eventTypes` lists, or `undefined` for all. */
  readonly wanted: ReadonlySet<string> | undefined
}

/** What keeps a shard's session alive: `ShardDriver` in this thread, or something that speaks to another thread. */
export interface ShardRunner {
  /** Resolves at the first READY or RESUMED; rejects with the reason if the shard stops before. */
  readonly ready: Promise<void>
  /** Resolves with the reason when the shard has stopped for good. */
  readonly closed: Promise<ClosedError>
  start(session: GatewaySession | undefined): void
  /** Stops and resolves when the connection is gone. */
  stop(mode: StopMode): Promise<void>
  restart(): void
  /**
   * Queues a command; resolves when it was written to a socket.
   * @throws CommandError COMMAND_INVALID, COMMAND_TOO_LARGE, COMMAND_QUEUE_FULL, at once
   * @throws ConfigError CONFIG_INVALID, at once, for a presence that IDENTIFY could not carry
   */
  command(command: GatewayCommand | string): Promise<void>
  /** The session with the sequence that the consumer has acknowledged. */
  resumable(): GatewaySession | undefined
  info(): RunnerInfo
  /** Counts and delivers something that happened to the shard; also to be called from outside, by what serves it. */
  lifecycle<Name extends LifecycleName>(type: Name, data: LifecycleData[Name]): void
  /**
   * Calls back with every event of these names, wanted by the user or not, before the user sees it. The callback must
   * not throw; the returned function ends it.
   */
  tap(types: readonly string[], callback: (event: GatewayEvent) => void): () => void
  /**
   * Somebody waits for a reply, perhaps the consumer itself: reading goes on although the consumer is behind, as far as
   * `highWaterBytes` allows. The returned function ends it.
   */
  expectReply(): () => void
  /** Stops reading until the returned function is called: replies come faster than they are taken. */
  pause(): () => void
}
