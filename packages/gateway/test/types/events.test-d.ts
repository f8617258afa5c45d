/**
 * What the compiler must know of events, commands and options. Nothing here runs: `npm run check:types` reads it, and
 * an error that is expected and does not come is an error too.
 */
import type {
  APIMessage,
  GatewayGuildCreateDispatchData,
  GatewayMessageCreateDispatchData,
  GatewayReadyDispatchData,
} from 'discord-api-types/v10'
import { expectTypeOf } from 'vitest'

import type {
  Cluster,
  ClusterOptions,
  DispatchEvent,
  EventMap,
  EventType,
  GatewayCommand,
  GatewayError,
  GatewayEvent,
  GatewaySession,
  LifecycleEvent,
  PresenceUpdate,
  Shard,
  ShardOptions,
} from '../../src/index.ts'

declare const event: GatewayEvent
declare const shard: Shard
declare const cluster: Cluster

// `type` narrows `data`.
if (event.type === 'MESSAGE_CREATE') {
  expectTypeOf(event.data).toEqualTypeOf<GatewayMessageCreateDispatchData>()
  expectTypeOf(event.data.content).toEqualTypeOf<string>()
  expectTypeOf(event.raw).toEqualTypeOf<Buffer>()
  expectTypeOf(event.sequence).toEqualTypeOf<number>()
  // @ts-expect-error -- a message has no such field
  void event.data.heartbeat_interval
}
if (event.type === 'READY') expectTypeOf(event.data).toEqualTypeOf<GatewayReadyDispatchData>()
if (event.type === 'GUILD_CREATE') expectTypeOf(event.data).toEqualTypeOf<GatewayGuildCreateDispatchData>()
if (event.type === 'SHARD_DISCONNECTED') {
  expectTypeOf(event.data.code).toEqualTypeOf<number>()
  expectTypeOf(event.data.error).toEqualTypeOf<GatewayError | undefined>()
  expectTypeOf(event.raw).toEqualTypeOf<undefined>()
  expectTypeOf(event.sequence).toEqualTypeOf<0>()
}
switch (event.type) {
  case 'MESSAGE_CREATE':
  case 'MESSAGE_UPDATE': {
    expectTypeOf(event.data).toExtend<Pick<APIMessage, 'id' | 'channel_id'>>()
    break
  }
  case 'SHARD_CONNECTED': {
    expectTypeOf(event.data.resumed).toEqualTypeOf<boolean>()
    break
  }
  // @ts-expect-error -- there is no such event
  case 'MESSAGE_CRATE': {
    break
  }
}
// `raw` tells dispatches from what happens to shards.
if (event.raw !== undefined) expectTypeOf(event).toExtend<DispatchEvent>()
else expectTypeOf(event).toExtend<LifecycleEvent>()

// What was not narrowed has no field of a single event.
// @ts-expect-error -- only some events have a content
void event.data.content

// Nothing of an event can be changed.
// @ts-expect-error -- readonly
event.type = 'READY'

// Streams and listeners know the events by their name.
expectTypeOf(shard).toExtend<AsyncIterable<GatewayEvent>>()
expectTypeOf(cluster).toExtend<AsyncIterable<GatewayEvent>>()
expectTypeOf(shard).toExtend<AsyncDisposable>()
expectTypeOf(cluster).toExtend<AsyncDisposable>()
shard.on('MESSAGE_CREATE', ({ data }) => expectTypeOf(data).toEqualTypeOf<GatewayMessageCreateDispatchData>())
cluster.on('SHARD_CONNECTED', ({ data }) => expectTypeOf(data.sessionId).toEqualTypeOf<string>())
cluster.on('*', (any) => expectTypeOf(any).toEqualTypeOf<GatewayEvent>())
expectTypeOf(shard.on('READY', () => undefined)).toEqualTypeOf<() => void>()
// @ts-expect-error -- there is no such event
shard.on('MESSAGE_CRATE', () => undefined)

// The map, its names and the union are the same set.
expectTypeOf<EventMap[EventType]>().toEqualTypeOf<GatewayEvent>()
expectTypeOf<GatewayEvent['type']>().toEqualTypeOf<EventType>()
expectTypeOf<'RATE_LIMITED' | 'SOUNDBOARD_SOUNDS' | 'GUILD_MEMBERS_CHUNK'>().toExtend<EventType>()

// Commands take plain strings where the API knows a list of them.
const presence = {
  since: null,
  activities: [{ name: 'x', type: 0 }],
  status: 'idle',
  afk: false,
} satisfies PresenceUpdate
expectTypeOf({ op: 3, d: presence } as const).toExtend<GatewayCommand>()
void shard.command({ op: 3, d: presence })
void shard.command({ op: 8, d: { guild_id: '1', query: '', limit: 0 } })
void cluster.command(0, { op: 4, d: { guild_id: '1', channel_id: null, self_mute: false, self_deaf: false } })
// @ts-expect-error -- no such status
void shard.command({ op: 3, d: { ...presence, status: 'sleepy' } })
// @ts-expect-error -- the shard identifies by itself
void shard.command({ op: 2, d: {} })

// Sessions are data that survives JSON.
expectTypeOf(shard.session).toEqualTypeOf<GatewaySession | undefined>()
expectTypeOf(shard.downResumable()).resolves.toEqualTypeOf<GatewaySession | undefined>()
expectTypeOf(cluster.downResumable()).resolves.toEqualTypeOf<GatewaySession[]>()

// Options: names of events are suggested, newer ones allowed; token and intents are demanded.
expectTypeOf<{ token: string; intents: number }>().toExtend<ShardOptions>()
expectTypeOf<{
  token: string
  intents: number
  eventTypes: ['READY', 'NEWER_THAN_THIS']
}>().toExtend<ClusterOptions>()
expectTypeOf<{ token: string }>().not.toExtend<ShardOptions>()
expectTypeOf<{ token: string; intents: string[] }>().not.toExtend<ClusterOptions>()
expectTypeOf<{ from: number; to: number; total: number }>().toExtend<ClusterOptions['shards']>()
expectTypeOf<{ from: number; total: number }>().not.toExtend<ClusterOptions['shards']>()
