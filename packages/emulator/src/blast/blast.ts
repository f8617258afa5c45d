import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Connection } from '../connection/connection.ts'
import type { OutboundEvent } from '../dispatch/outbound-event.ts'
import type { Gateway } from '../gateway.ts'
import type { Batch } from './batch.ts'

/** How a prepared batch is sent. */
export interface BlastOptions {
  /** Only this shard. Default: all shards. */
  readonly shard?: number
  /**
   * `'routed'`: each session gets the events of its guilds that its intents allow, as in {@link Gateway.dispatch}.
   * `'every-session'`: each attached session gets all events, whatever its shard and intents, in full. Default
   * `'routed'`.
   */
  readonly mode?: 'routed' | 'every-session'
  /** How often the batch is sent. Default 1. */
  readonly repeat?: number
  /** Compresses everything before the clock starts, so that the time measures sending alone. Default false. */
  readonly arm?: boolean
}

/** What a blast did. */
export interface BlastResult {
  /** Dispatches written, over all sessions. */
  readonly events: number
  /** Wall-clock milliseconds of the sending itself. */
  readonly elapsedMs: number
  readonly eventsPerSecond: number
}

/** Events that go into one socket write. */
const eventsPerWrite = 128

/**
 * Writes a prepared batch as fast as the clients read: many frames a socket write, waiting for the socket to
 * drain in between, so memory stays bounded by one write a socket.
 */
export async function blast(
  gateway: Gateway,
  batch: Batch,
  options: BlastOptions = {},
): Promise<BlastResult> {
  const connections = [...gateway.connections].filter(
    ({ session, shard }) =>
      session?.bot.index === batch.bot && (options.shard === undefined || options.shard === shard),
  )
  const lanes = connections.map((connection) => lane(gateway, connection, batch, options))
  if (options.arm === true) for (const each of lanes) each.arm()
  const startedAt = performance.now()
  const counts = await Promise.all(lanes.map((each) => each.run()))
  const elapsedMs = performance.now() - startedAt
  const events = counts.reduce((sum, count) => sum + count, 0)
  gateway.signals.changed()
  return { events, elapsedMs, eventsPerSecond: (events / Math.max(elapsedMs, 0.001)) * 1000 }
}

interface Lane {
  arm(): void
  run(): Promise<number>
}

function lane(gateway: Gateway, connection: Connection, batch: Batch, options: BlastOptions): Lane {
  const { mode = 'routed', repeat = 1 } = options
  const { session } = connection
  const routed = session === undefined ? [] : batch.forShard(session.shardId, session.shardCount)
  const all = mode === 'routed' ? routed : batch.events
  // Batches are prepared as JSON; what another encoding needs is made here, before the clock starts.
  if (session !== undefined) for (const event of all) event.serialise(session.encoding)
  let captured: readonly Buffer[] | undefined
  let sent = 0
  const push = (events: readonly OutboundEvent[]): void => {
    for (const event of events) if (pushEvent(connection, event, mode)) sent++
  }
  const portions = function* (): Generator<() => void> {
    for (let round = 0; round < repeat; round++) {
      for (let start = 0; start < all.length; start += eventsPerWrite) {
        yield () => push(all.slice(start, start + eventsPerWrite))
      }
    }
  }
  return {
    arm() {
      captured = connection.capture(portions())
    },
    async run() {
      for (const step of captured ?? portions()) {
        if (!connection.open) break
        if (typeof step === 'function') connection.batch(step)
        else connection.writeCaptured(step)
        await pause(gateway, connection)
      }
      return sent
    },
  }
}

function pushEvent(connection: Connection, event: OutboundEvent, mode: BlastOptions['mode']): boolean {
  const { session } = connection
  if (session === undefined) return false
  if (mode === 'every-session') {
    session.push(event.type, event.serialise(session.encoding))
    return true
  }
  return session.offer(event)
}

/** Lets the socket and recordings drain, and the process read what clients send. */
async function pause(gateway: Gateway, connection: Connection): Promise<void> {
  await connection.drained()
  for (const recording of gateway.recordings) await recording.drained()
  await nextTurn()
}
