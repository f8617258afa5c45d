/** A lane of the identify queue: one identify in 5 s (Discord docs, *Gateway*), and what our queue adds to be sure. */
const laneMs = 5_125
/** An identify that was not answered yet does not fill the bar. */
const almost = 0.97

/** How full the bar is, from 0 to 1, and how long the rest will take. */
export interface StartForecast {
  readonly progress: number
  readonly etaMs: number
}

/**
 * How far the start of a cluster has come. It is paced by the identify limit and not by the machine: a group of shards
 * in every window, so the clock says where between two groups it is.
 */
export class StartPace {
  readonly #shards: number
  readonly #maxConcurrency: number
  readonly #identified = new Set<number>()
  /** When the present group began to identify, and how many shards had before. */
  #groupAtMs: number | undefined
  #before = 0

  /** `maxConcurrency` shards may identify in each window. */
  constructor(shards: number, maxConcurrency: number) {
    this.#shards = shards
    this.#maxConcurrency = maxConcurrency
  }

  /** A shard sends IDENTIFY. */
  identifies(shardId: number, nowMs: number): void {
    if (this.#groupAtMs === undefined || nowMs - this.#groupAtMs > laneMs / 2) {
      this.#groupAtMs = nowMs
      this.#before = this.#identified.size
    }
    this.#identified.add(shardId)
  }

  /** What to show when so many shards are ready. */
  forecast(ready: number, nowMs: number): StartForecast {
    const shards = this.#shards
    if (ready >= shards) return { progress: 1, etaMs: 0 }
    const group = Math.min(this.#maxConcurrency, shards - this.#before)
    const left = shards - this.#before - group
    const windowsMs = Math.ceil(left / this.#maxConcurrency) * laneMs
    if (this.#groupAtMs === undefined) return { progress: 0, etaMs: windowsMs }
    const waitedMs = Math.min(nowMs - this.#groupAtMs, laneMs)
    const underWay = Math.min(left, this.#maxConcurrency) * (waitedMs / laneMs)
    return {
      progress: Math.min(almost, (this.#before + group + underWay) / shards),
      etaMs: Math.max(0, windowsMs - waitedMs),
    }
  }
}
