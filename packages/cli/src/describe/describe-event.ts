import type { GatewayEvent } from 'twilight-gateway'

import { guildEvents } from './guild-events.ts'
import { memberEvents } from './member-events.ts'
import { messageEvents } from './message-events.ts'
import type { Names } from './names.ts'
import { shardEvents } from './shard-events.ts'

/** The runtime form of `Describe`: the event's name decides what its data is. */
type AnyDescribe = (data: unknown, names: Names) => string

const descriptions: ReadonlyMap<string, AnyDescribe> = new Map(
  Object.entries({ ...guildEvents, ...memberEvents, ...messageEvents, ...shardEvents } as Record<
    string,
    AnyDescribe
  >),
)

/**
 * Says in a few words what happened; of events without a description of their own: where.
 * @throws DecodeError DECODE_DATA if the data is not valid JSON
 * @throws TypeError if the data has not the shape that Discord documents
 */
export function describeEvent(event: GatewayEvent, names: Names): string {
  names.learn(event)
  const describe = descriptions.get(event.type)
  if (describe !== undefined) return describe(event.data, names)
  const { name, channel_id: channelId, guild_id: guildId } = (event.data ?? {}) as Record<string, unknown>
  const what = typeof name === 'string' ? [name] : []
  if (typeof guildId !== 'string') return what.join('')
  return [...what, names.place(typeof channelId === 'string' ? channelId : undefined, guildId)].join(' · ')
}
