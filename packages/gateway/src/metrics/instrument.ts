import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api'

import type { ShardInfo } from '../shard/shard-info.ts'
import { ShardReader } from './shard-reader.ts'

/** What can be measured: a `Cluster` or a `Shard`. */
export interface InfoSource {
  info(): ShardInfo | readonly ShardInfo[]
}

/** Options of `instrument`. */
export interface InstrumentOptions {
  /** Where the instruments are made: `metrics.getMeter('my-bot')` of `@opentelemetry/api`, once its SDK is set up. */
  readonly meter: Meter
  /**
   * Attributes of every measurement. Sources that share a meter need one that tells them apart, or they overwrite each
   * other. Default: none.
   */
  readonly attributes?: Attributes
  /**
   * Whether the instruments that can tell shards apart do, by the attribute `shard.id`: a single sick shard shows only so.
   * Else each has one series for all shards. Switch it off above some 1,000 shards in a process: OpenTelemetry keeps at
   * most 2,000 series of an instrument unless told otherwise, and its backend pays for each. Default true.
   */
  readonly perShard?: boolean
}

/**
 * Makes OpenTelemetry instruments of what a cluster or shard counts anyway. Nothing is measured twice, and nothing is read
 * before the SDK asks for it: each scrape takes one snapshot by `info()`. `docs/metrics.md` lists the instruments.
 * @returns a function that ends the reading; the SDK itself may go on to export the last values
 */
export function instrument(
  source: InfoSource,
  { meter, attributes = {}, perShard = true }: InstrumentOptions,
): () => void {
  const reader = new ShardReader(meter, attributes, perShard)
  const { observables } = reader
  const observe = (result: BatchObservableResult): void => {
    const info = source.info()
    reader.observe(result, 'id' in info ? [info] : info)
  }
  meter.addBatchObservableCallback(observe, observables)
  return () => {
    meter.removeBatchObservableCallback(observe, observables)
  }
}
