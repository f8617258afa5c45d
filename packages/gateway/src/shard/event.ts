import type { GatewayDispatchPayload } from 'discord-api-types/v10'

import type { LifecycleData, LifecycleName } from '../session/lifecycle.ts'

/** The data of every dispatch that discord-api-types describes, by the event's name. */
export type DispatchData = { [Payload in GatewayDispatchPayload as `${Payload['t']}`]: Payload['d'] }

/** Names of dispatches, as Discord spells them. */
export type DispatchType = keyof DispatchData

/** Something that Discord dispatched. `type` narrows `data`. */
export interface DispatchEvent<Type extends DispatchType = DispatchType> {
  /** The event's name. Names that this version does not know are delivered too; compare them as strings. */
  readonly type: Type
  readonly shardId: number
  /** `s` of the payload, counted per session from 1; 0 if the payload had none. */
  readonly sequence: number
  /** The session in which the event came: with `sequence` the key to recognise a repeat. */
  readonly sessionId: string
  /**
   * The event's data, parsed from `raw` at the first access and kept.
   * @throws DecodeError DECODE_DATA if Discord sent invalid JSON or ETF
   */
  readonly data: DispatchData[Type]
  /**
   * The payload's bytes as they came (inflated): the whole envelope, UTF-8 JSON or, with the option `encoding: 'etf'`, a
   * term of Erlang's external term format from its version byte 131 on.
   */
  readonly raw: Buffer
}

/** Something that happened to a shard, under a `SHARD_*` name. */
export interface LifecycleEvent<Type extends LifecycleName = LifecycleName> {
  readonly type: Type
  readonly shardId: number
  readonly sequence: 0
  readonly sessionId: ''
  readonly data: LifecycleData[Type]
  readonly raw: undefined
}

/** Every event by its name. */
export type EventMap = { [Type in DispatchType]: DispatchEvent<Type> } & {
  [Type in LifecycleName]: LifecycleEvent<Type>
}

/** Names of all events. */
export type EventType = keyof EventMap

/** What shards and clusters yield: a union that `type` discriminates. */
export type GatewayEvent = EventMap[EventType]
