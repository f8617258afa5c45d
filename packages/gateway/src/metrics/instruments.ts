import type { SessionPhase } from '../session/session-phase.ts'
import type { ShardInfo } from '../shard/shard-info.ts'
import { greatest, least, mean, ratio, seconds, sum, sumByKey, values } from './sums.ts'

/**
 * What a number does: a `counter` only grows, an `updowncounter` can be summed over shards and processes, a `gauge`
 * cannot.
 */
export type InstrumentKind = 'counter' | 'updowncounter' | 'gauge'

interface Definition {
  readonly name: string
  readonly kind: InstrumentKind
  /** In UCUM, as OpenTelemetry wants it: `s`, `By`, `1`, or a noun in braces. */
  readonly unit: string
  readonly meaning: string
}

/** An instrument with one series a shard, or one for all shards. */
export interface ShardInstrument extends Definition {
  readonly attribute: 'shard.id'
  /** The value of these shards together; `undefined` if there is none. */
  readonly read: (shards: readonly ShardInfo[]) => number | undefined
}

/** An instrument with one series for each thing that it tells apart, over all shards. */
export interface GroupInstrument extends Definition {
  readonly attribute: 'event.type' | 'disconnect.cause' | 'shard.phase'
  /** The values of these shards together, by the attribute's value. */
  readonly read: (shards: readonly ShardInfo[]) => Readonly<Record<string, number>>
}

/**
 * Every instrument. None has both `shard.id` and an attribute of another kind: some 80 event types on 1,000 shards would be
 * 80,000 series. `docs/metrics.md` lists exactly these.
 */
export const instruments: readonly (ShardInstrument | GroupInstrument)[] = [
  {
    name: 'twilight.gateway.events',
    kind: 'counter',
    unit: '{event}',
    attribute: 'event.type',
    meaning: 'dispatches received, wanted or not, repeats included',
    read: (shards) => sumByKey(shards, ({ stats }) => stats.dispatchesByType),
  },
  {
    name: 'twilight.gateway.dispatches',
    kind: 'counter',
    unit: '{event}',
    attribute: 'shard.id',
    meaning: 'the same dispatches, by shard',
    read: (shards) => sum(shards, ({ stats }) => stats.dispatches),
  },
  {
    name: 'twilight.gateway.delivered',
    kind: 'counter',
    unit: '{event}',
    attribute: 'shard.id',
    meaning: 'dispatches that reached the stream or a listener',
    read: (shards) => sum(shards, ({ stats }) => stats.delivered),
  },
  {
    name: 'twilight.gateway.received',
    kind: 'counter',
    unit: 'By',
    attribute: 'shard.id',
    meaning: 'bytes of websocket messages received, as they came',
    read: (shards) => sum(shards, ({ stats }) => stats.receivedBytes),
  },
  {
    name: 'twilight.gateway.inflated',
    kind: 'counter',
    unit: 'By',
    attribute: 'shard.id',
    meaning: 'bytes of payloads received, inflated',
    read: (shards) => sum(shards, ({ stats }) => stats.payloadBytes),
  },
  {
    name: 'twilight.gateway.inflater.efficiency',
    kind: 'gauge',
    unit: '1',
    attribute: 'shard.id',
    meaning:
      'bytes into the inflater for each byte out of it, on the present connection; of all shards: together',
    read: (shards) =>
      ratio(
        sum(shards, ({ inflater }) => inflater.inBytes),
        sum(shards, ({ inflater }) => inflater.outBytes),
      ),
  },
  {
    name: 'twilight.gateway.inflater.capacity',
    kind: 'updowncounter',
    unit: 'By',
    attribute: 'shard.id',
    meaning: 'bytes that the inflater holds for its window and for a payload that has begun',
    read: (shards) => sum(shards, ({ inflater }) => inflater.capacityBytes),
  },
  {
    name: 'twilight.gateway.shards',
    kind: 'updowncounter',
    unit: '{shard}',
    attribute: 'shard.phase',
    meaning: 'shards in each phase',
    read: (shards) => {
      const phases = { ...noPhases }
      for (const { phase } of shards) phases[phase] += 1
      return phases
    },
  },
  {
    name: 'twilight.gateway.heartbeat.latency.average',
    kind: 'gauge',
    unit: 's',
    attribute: 'shard.id',
    meaning:
      'mean round trip of heartbeats on the present connection; of all shards: the mean of those means',
    read: (shards) => seconds(mean(values(shards, ({ latency }) => latency.averageMs))),
  },
  {
    name: 'twilight.gateway.heartbeat.latency.last',
    kind: 'gauge',
    unit: 's',
    attribute: 'shard.id',
    meaning: 'latest round trip of a heartbeat; of all shards: the longest',
    read: (shards) => seconds(greatest(values(shards, ({ latency }) => latency.recentMs[0]))),
  },
  {
    name: 'twilight.gateway.connects',
    kind: 'counter',
    unit: '{connection}',
    attribute: 'shard.id',
    meaning: 'connections begun, the first included',
    read: (shards) => sum(shards, ({ stats }) => stats.connects),
  },
  {
    name: 'twilight.gateway.reconnects',
    kind: 'counter',
    unit: '{connection}',
    attribute: 'disconnect.cause',
    meaning: 'reconnects, by why the connection before ended',
    read: (shards) => sumByKey(shards, ({ stats }) => stats.reconnectsByCause),
  },
  {
    name: 'twilight.gateway.resumes',
    kind: 'counter',
    unit: '{resume}',
    attribute: 'disconnect.cause',
    meaning:
      'RESUMEs sent, by why the connection before ended; `start` for a session that the shard was given',
    read: (shards) => sumByKey(shards, ({ stats }) => stats.resumesByCause),
  },
  {
    name: 'twilight.gateway.resumed',
    kind: 'counter',
    unit: '{resume}',
    attribute: 'shard.id',
    meaning: 'RESUMEs that Discord answered with RESUMED',
    read: (shards) => sum(shards, ({ stats }) => stats.resumed),
  },
  {
    name: 'twilight.gateway.replayed',
    kind: 'counter',
    unit: '{event}',
    attribute: 'shard.id',
    meaning: 'dispatches of completed replays',
    read: (shards) => sum(shards, ({ stats }) => stats.replayed),
  },
  {
    name: 'twilight.gateway.identifies',
    kind: 'counter',
    unit: '{identify}',
    attribute: 'shard.id',
    meaning: 'IDENTIFYs sent',
    read: (shards) => sum(shards, ({ stats }) => stats.identifies),
  },
  {
    name: 'twilight.gateway.identify.waits',
    kind: 'counter',
    unit: '{wait}',
    attribute: 'shard.id',
    meaning: 'times a shard began to wait for an identify permit',
    read: (shards) => sum(shards, ({ stats }) => stats.identifyWaits),
  },
  {
    name: 'twilight.gateway.identify.wait.duration',
    kind: 'counter',
    unit: 's',
    attribute: 'shard.id',
    meaning: 'time spent waiting for identify permits, waits under way included',
    read: (shards) => seconds(sum(shards, ({ stats }) => stats.identifyWaitMs)),
  },
  {
    name: 'twilight.gateway.identify.waiting',
    kind: 'updowncounter',
    unit: '{shard}',
    attribute: 'shard.id',
    meaning: 'shards that wait for an identify permit now',
    read: (shards) => sum(shards, ({ phase }) => Number(phase === 'queued')),
  },
  {
    name: 'twilight.gateway.identify.queue.failures',
    kind: 'counter',
    unit: '{failure}',
    attribute: 'shard.id',
    meaning: 'failures of the identify queue, after each of which the shard asks again',
    read: (shards) => sum(shards, ({ stats }) => stats.queueFailures),
  },
  {
    name: 'twilight.gateway.store.failures',
    kind: 'counter',
    unit: '{failure}',
    attribute: 'shard.id',
    meaning: 'failures of the session store, after each of which it is tried again',
    read: (shards) => sum(shards, ({ stats }) => stats.storeFailures),
  },
  {
    name: 'twilight.gateway.commands.permits',
    kind: 'gauge',
    unit: '{command}',
    attribute: 'shard.id',
    meaning:
      'commands that may leave at once, not reported with `rateLimit: false`; of all shards: the fewest',
    read: (shards) => least(values(shards, ({ commands }) => commands.available)),
  },
  {
    name: 'twilight.gateway.commands.queued',
    kind: 'updowncounter',
    unit: '{command}',
    attribute: 'shard.id',
    meaning: 'commands that wait to be sent',
    read: (shards) => sum(shards, ({ commands }) => commands.queued),
  },
  {
    name: 'twilight.gateway.buffer.events',
    kind: 'updowncounter',
    unit: '{event}',
    attribute: 'shard.id',
    meaning: 'events that wait for the consumer',
    read: (shards) => sum(shards, ({ buffer }) => buffer.events),
  },
  {
    name: 'twilight.gateway.buffer.size',
    kind: 'updowncounter',
    unit: 'By',
    attribute: 'shard.id',
    meaning: 'bytes of the events that wait for the consumer',
    read: (shards) => sum(shards, ({ buffer }) => buffer.sizeBytes),
  },
  {
    name: 'twilight.gateway.buffer.paused',
    kind: 'updowncounter',
    unit: '{shard}',
    attribute: 'shard.id',
    meaning: 'shards that have stopped reading because their buffer is full',
    read: (shards) => sum(shards, ({ buffer }) => Number(buffer.isPaused)),
  },
  {
    name: 'twilight.gateway.buffer.pauses',
    kind: 'counter',
    unit: '{pause}',
    attribute: 'shard.id',
    meaning: 'times a shard stopped reading because its buffer was full',
    read: (shards) => sum(shards, ({ buffer }) => buffer.pauses),
  },
  {
    name: 'twilight.gateway.lifecycle.dropped',
    kind: 'counter',
    unit: '{event}',
    attribute: 'shard.id',
    meaning: 'life-cycle events dropped because nobody took them; dispatches never are',
    read: (shards) => sum(shards, ({ buffer }) => buffer.dropped),
  },
  {
    name: 'twilight.gateway.oversize',
    kind: 'counter',
    unit: '{message}',
    attribute: 'shard.id',
    meaning: 'messages or inflated payloads above the limit, each of which ended its connection',
    read: (shards) => sum(shards, ({ stats }) => stats.oversize),
  },
  {
    name: 'twilight.gateway.listener.errors',
    kind: 'counter',
    unit: '{error}',
    attribute: 'shard.id',
    meaning: 'times that a listener threw or rejected',
    read: (shards) => sum(shards, ({ listenerErrors }) => listenerErrors),
  },
]

const noPhases: Readonly<Record<SessionPhase, number>> = {
  idle: 0,
  waiting: 0,
  connecting: 0,
  opened: 0,
  queued: 0,
  identifying: 0,
  resuming: 0,
  live: 0,
  closing: 0,
  stopped: 0,
}
