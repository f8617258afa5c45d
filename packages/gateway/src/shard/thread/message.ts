import type { PresenceUpdate } from '../../protocol/commands.ts'
import type { GatewaySession } from '../../session/gateway-session.ts'
import type { StopMode } from '../../session/session.ts'
import type { RunnerInfo } from '../shard-info.ts'
import type { EventBatch, ShardSession } from './event-batch.ts'
import type { TransferredError } from './transferred-error.ts'

/** What the main thread tells a shard thread. */
export type ToThread =
  | {
      readonly kind: 'start'
      readonly shardId: number
      readonly shardCount: number
      readonly gatewayUrl: string
      readonly presence: PresenceUpdate | undefined
      readonly session: GatewaySession | undefined
    }
  | { readonly kind: 'stop'; readonly shardId: number; readonly mode: StopMode }
  | { readonly kind: 'restart'; readonly shardId: number }
  /** A command as JSON text; `sent` or `unsent` with its ticket answers. */
  | { readonly kind: 'command'; readonly shardId: number; readonly ticket: number; readonly text: string }
  /** The shard's buffer in the main thread is full, or has room again. */
  | { readonly kind: 'hold'; readonly shardId: number; readonly isHeld: boolean }
  /** Events of these names are needed, whether `eventTypes` lists them or not. */
  | { readonly kind: 'taps'; readonly shardId: number; readonly types: readonly string[] }
  /** A batch arrived: another one may be sent. */
  | { readonly kind: 'credit' }
  /** Somebody wants to know how the shard is: a status tells. */
  | { readonly kind: 'look'; readonly shardId: number }
  /** The identify permit of this ticket is there. */
  | { readonly kind: 'granted'; readonly ticket: number }
  | { readonly kind: 'refused'; readonly ticket: number; readonly error: TransferredError }

/** What a shard thread tells the main thread. */
export type FromThread =
  | { readonly kind: 'events'; readonly batch: EventBatch }
  | {
      readonly kind: 'status'
      readonly infos: readonly RunnerInfo[]
      readonly sessions: readonly ShardSession[]
    }
  /** The shard stopped for good; all its events came before. */
  | { readonly kind: 'closed'; readonly shardId: number; readonly reason: TransferredError }
  | { readonly kind: 'sent'; readonly shardId: number; readonly ticket: number }
  | {
      readonly kind: 'unsent'
      readonly shardId: number
      readonly ticket: number
      readonly error: TransferredError
    }
  /** A shard waits for an identify permit, gives its place up, used the permit, or gives it back. */
  | { readonly kind: 'acquire'; readonly shardId: number; readonly ticket: number }
  | { readonly kind: 'cancel' | 'spend' | 'release'; readonly ticket: number }
