import { FatalCloseError, type Cluster, type GatewayEvent } from 'twilight-gateway'

import { clockTime, eventLine, nameColumns } from '../describe/event-line.ts'
import { Names } from '../describe/names.ts'
import type { Output } from '../terminal/output.ts'
import { paint } from '../terminal/style.ts'
import { RateMeter } from './rate-meter.ts'
import { StartPace } from './start-pace.ts'
import { meanLatency, statusParts } from './status.ts'
import type { Tally } from './tally.ts'

const refreshMs = 100

export interface ScreenOptions {
  readonly output: Output
  readonly cluster: Cluster
  readonly tally: Tally
}

/** What a person sees of a run: a line for each event, and below them how things are. */
export class Screen {
  readonly #options: ScreenOptions
  readonly #names = new Names()
  readonly #meter = new RateMeter()
  readonly #pace: StartPace
  readonly #startedAtMs = performance.now()
  readonly #timer: NodeJS.Timeout
  #isStopping = false

  constructor(options: ScreenOptions) {
    this.#options = options
    this.#pace = new StartPace(options.cluster.shards.size, options.cluster.maxConcurrency)
    this.#timer = setInterval(() => this.#refresh(), refreshMs)
    this.#refresh()
  }

  /** Shows an event. */
  show(event: GatewayEvent): void {
    if (event.type === 'SHARD_IDENTIFYING') this.#pace.identifies(event.shardId, performance.now())
    if (isOurEnd(event)) return
    const { output, cluster } = this.#options
    const options = { columns: output.columns, shardCount: cluster.shardCount, now: new Date() }
    output.print(eventLine(event, this.#names, options))
  }

  /** Shows that something was done to a shard's connection. */
  showFault(shardId: number, what: string): void {
    const line = `${clockTime(new Date())} [${shardId}] ${'fault'.padEnd(nameColumns)} ${what}`
    this.#options.output.print(paint('red', line))
  }

  /** Shows that the run is coming to its end. */
  stopping(): void {
    this.#isStopping = true
    this.#refresh()
  }

  /** Stops redrawing and takes the status line away. */
  close(): void {
    clearInterval(this.#timer)
    this.#options.output.clearStatus()
  }

  #refresh(): void {
    const { output, cluster, tally } = this.#options
    const nowMs = performance.now()
    const shards = cluster.shards.size
    const infos = cluster.info()
    const { events, reconnects } = tally
    const ready = tally.ready.size
    const status = {
      shards,
      ready,
      live: infos.filter(({ phase }) => phase === 'live').length,
      start: this.#pace.forecast(ready, nowMs),
      events,
      reconnects,
      perSecond: this.#meter.perSecond(events, nowMs),
      latencyMs: meanLatency(infos),
      elapsedMs: nowMs - this.#startedAtMs,
      isStopping: this.#isStopping,
    }
    output.status(statusParts(status, output.columns))
  }
}

/** The end that we made ourselves, or that the program's last line will explain, is not news. */
function isOurEnd({ type, data }: GatewayEvent): boolean {
  if (type === 'SHARD_CLOSED') return true
  return type === 'SHARD_DISCONNECTED' && (data.cause === 'local' || data.error instanceof FatalCloseError)
}
