import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { lifecycleEvent } from '../shard/event-outlet.ts'
import type { ShardRunner } from '../shard/shard-runner.ts'
import { EventCount } from './event-count.ts'
import { GuildLoading } from './guild-loading.ts'
import type { SetGate } from './set-gate.ts'
import type { ShardSet } from './shard-set.ts'

/** Options of a reshard. */
export interface ReshardOptions {
  /**
   * For how long events of both sets are compared before the switch. It must be longer than an event may be later in
   * one session than in another. Default 5,000.
   */
  readonly overlapMs?: number
  /** A guild in an outage never loads: so long without any guild, and the others are taken to be all. Default 15,000. */
  readonly guildSilenceMs?: number
  /** Gives up; the old shards go on. */
  readonly signal?: AbortSignal
}

/** A set of shards with what stands between it and the stream. */
export interface GatedSet {
  readonly set: ShardSet
  readonly gate: SetGate
}

/** What a reshard works with. */
export interface ReshardPlan extends ReshardOptions {
  readonly from: GatedSet
  readonly to: GatedSet
  readonly clock: Clock
  /** Whether the intents bring GUILD_CREATE. */
  readonly expectsGuilds: boolean
  /** Bytes of events that may be held back. */
  readonly limitBytes: number
  /** The moment of the switch. */
  readonly switched: () => void
}

/** Quiet windows that may fail before the reshard does. */
const mostWindows = 20

/**
 * Replaces a set of shards by another without a gap and without an event twice. Discord gives each set its own copy of
 * every event (Discord docs, *Gateway*, Sharding), so both run side by side for a while:
 *
 * ```
 *  start the new set ─▶ its guilds are loaded ─▶ note what the old set delivers ─overlap─▶ keep what the new set gets
 *    ─overlap─▶ switch: the new set delivers what it kept, but for what was noted ─▶ close the old set
 * ```
 *
 * A connection that breaks within the two overlaps begins them anew: its replay would come too late to be compared.
 * @throws GatewayError RESHARD_FAILED, ABORTED; FatalCloseError CLOSED_FATAL. The old set then goes on as before.
 */
export async function reshard(plan: ReshardPlan): Promise<void> {
  const { from, to, clock } = plan
  try {
    await load(plan)
    for (let window = 1; !(await compare(plan)); window += 1) {
      if (window < mostWindows) continue
      throw new GatewayError(
        'RESHARD_FAILED',
        `connections broke in each of ${mostWindows} attempts to switch`,
      )
    }
  } catch (error) {
    from.gate.open()
    to.gate.shut()
    void to.set.down()
    throw error
  }
  plan.switched()
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  from.gate.whenDrained(() => {
    to.gate.begin()
    resolve()
  })
  // Longer than the overlap: a late copy costs a look-up, an event twice costs trust.
  const timer = clock.setTimeout(() => to.gate.forgetDelivered(), 10 * (plan.overlapMs ?? defaultOverlapMs))
  plan.signal?.addEventListener('abort', () => clock.clearTimeout(timer), { once: true })
  await from.set.down()
  await drained
}

const defaultOverlapMs = 5_000

/** Starts the new set and waits for its guilds. */
async function load(plan: ReshardPlan): Promise<void> {
  const { to, clock, expectsGuilds, guildSilenceMs: silenceMs = 15_000, signal } = plan
  const loadings = [...to.set.runners.values()].map(
    (runner) => new GuildLoading(runner, { clock, silenceMs, expectsGuilds }),
  )
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(new GatewayError('ABORTED', 'the reshard was aborted'))
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  aborted.catch(() => undefined)
  try {
    await Promise.race([to.set.start(), aborted])
    await Promise.race([Promise.all(loadings.map(async ({ done }) => done)), aborted])
  } finally {
    signal?.removeEventListener('abort', abort)
    for (const loading of loadings) loading.stop()
  }
}

/** One attempt to switch. Answers whether it did. */
async function compare({ from, to, clock, limitBytes, signal, ...options }: ReshardPlan): Promise<boolean> {
  const { overlapMs = defaultOverlapMs } = options
  const runners = [...from.set.runners.values(), ...to.set.runners.values()].filter(
    (runner) => !hasStopped(runner),
  )
  let isQuiet = runners.every(isLive)
  const ends = runners.map((runner) =>
    runner.tap(['SHARD_DISCONNECTED'], () => {
      isQuiet = false
    }),
  )
  const delivered = new EventCount()
  try {
    from.gate.record(delivered)
    await wait(overlapMs, clock, signal)
    to.gate.hold()
    await wait(overlapMs, clock, signal)
    if (signal?.aborted) throw new GatewayError('ABORTED', 'the reshard was aborted')
    if (to.gate.heldBytes > limitBytes) {
      throw new GatewayError(
        'RESHARD_FAILED',
        `${to.gate.heldBytes} bytes of events came within ${overlapMs} ms; shorten overlapMs or raise highWaterBytes`,
      )
    }
    if (!isQuiet) return false
  } finally {
    for (const end of ends) end()
  }
  from.gate.shut()
  const [first = 0] = [...to.set.shards.keys()].toSorted((a, b) => a - b)
  to.gate.takeOver(
    delivered,
    lifecycleEvent('SHARDS_REPLACED', first, { from: from.set.total, to: to.set.total }),
  )
  return true
}

function isLive(runner: ShardRunner): boolean {
  return runner.info().phase === 'live'
}

function hasStopped(runner: ShardRunner): boolean {
  return runner.info().phase === 'stopped'
}

/** Resolves after the delay, or at once when the signal aborts. */
async function wait(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const ended = (): void => resolve()
  const timer = clock.setTimeout(ended, delayMs)
  signal?.addEventListener('abort', ended, { once: true })
  await promise
  clock.clearTimeout(timer)
  signal?.removeEventListener('abort', ended)
}
