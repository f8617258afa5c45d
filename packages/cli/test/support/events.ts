import type { EventMap, EventType, GatewayEvent } from 'twilight-gateway'

/** A dispatch as a shard would deliver it. */
export function dispatch(
  type: string,
  data: unknown,
  { shardId = 0, sequence = 1, sessionId = 'a' } = {},
): GatewayEvent {
  const raw = Buffer.from('{}')
  return { type, shardId, sequence, sessionId, data, raw } as unknown as GatewayEvent
}

/** A life-cycle event as a shard would deliver it. */
export function lifeOf<Type extends EventType & `SHARD_${string}`>(
  type: Type,
  data: EventMap[Type]['data'],
  shardId = 0,
): GatewayEvent {
  return { type, shardId, sequence: 0, sessionId: '', data, raw: undefined } as unknown as GatewayEvent
}
