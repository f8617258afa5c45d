import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api'

import type { ShardInfo } from '../shard/shard-info.ts'
import {
  instruments,
  type GroupInstrument,
  type InstrumentKind,
  type ShardInstrument,
} from './instruments.ts'
import { PastShards } from './past-shards.ts'

interface Entry {
  readonly definition: ShardInstrument | GroupInstrument
  readonly observable: Observable
}

/** The present state of a shard, `undefined` if it has gone, with its attributes. */
interface Known {
  readonly shard: ShardInfo | undefined
  readonly attributes: Attributes
}

/** Makes the instruments and fills them from snapshots. */
export class ShardReader {
  readonly #entries: readonly Entry[]
  readonly #attributes: Attributes
  readonly #perShard: boolean
  readonly #past = new PastShards()
  /** Every shard that was ever there. */
  readonly #known = new Map<number, Known>()

  constructor(meter: Meter, attributes: Attributes, perShard: boolean) {
    this.#entries = instruments.map((definition) => ({ definition, observable: create(meter, definition) }))
    this.#attributes = attributes
    this.#perShard = perShard
  }

  get observables(): Observable[] {
    return this.#entries.map(({ observable }) => observable)
  }

  /** Reports a snapshot of all shards. */
  observe(result: BatchObservableResult, shards: readonly ShardInfo[]): void {
    this.#past.update(shards)
    if (this.#perShard) this.#learn(shards)
    for (const { definition, observable } of this.#entries) {
      if (definition.attribute !== 'shard.id') this.#observeGroups(result, observable, definition, shards)
      else if (this.#perShard) this.#observeEach(result, observable, definition)
      else this.#observeAll(result, observable, definition, shards)
    }
  }

  #learn(shards: readonly ShardInfo[]): void {
    for (const [id, { attributes }] of this.#known) this.#known.set(id, { shard: undefined, attributes })
    for (const shard of shards) {
      const attributes = this.#known.get(shard.id)?.attributes ?? {
        ...this.#attributes,
        'shard.id': shard.id,
      }
      this.#known.set(shard.id, { shard, attributes })
    }
  }

  /** A count that begins anew is no trouble here: whoever reads a single series knows what that means. */
  #observeEach(result: BatchObservableResult, observable: Observable, { kind, read }: ShardInstrument): void {
    for (const { shard, attributes } of this.#known.values()) {
      // Of a shard that has gone, OpenTelemetry would go on to export what was observed last.
      const value = shard ? read([shard]) : kind === 'updowncounter' ? 0 : undefined
      if (value !== undefined) result.observe(observable, value, attributes)
    }
  }

  #observeAll(
    result: BatchObservableResult,
    observable: Observable,
    { name, read }: ShardInstrument,
    shards: readonly ShardInfo[],
  ): void {
    const value = read(shards)
    if (value !== undefined) result.observe(observable, value + this.#past.total(name), this.#attributes)
  }

  #observeGroups(
    result: BatchObservableResult,
    observable: Observable,
    { name, attribute, read }: GroupInstrument,
    shards: readonly ShardInfo[],
  ): void {
    for (const [group, value] of Object.entries(read(shards))) {
      const attributes = { ...this.#attributes, [attribute]: group }
      result.observe(observable, value + this.#past.total(name, group), attributes)
    }
  }
}

const creators = {
  counter: 'createObservableCounter',
  updowncounter: 'createObservableUpDownCounter',
  gauge: 'createObservableGauge',
} as const satisfies Record<InstrumentKind, keyof Meter>

function create(meter: Meter, { name, kind, unit, meaning }: ShardInstrument | GroupInstrument): Observable {
  return meter[creators[kind]](name, { unit, description: meaning })
}
