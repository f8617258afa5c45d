import type { TrafficEvent } from '../../src/traffic/traffic.ts'
import type { World } from '../../src/traffic/world.ts'

/** The value of a key, of whatever may have keys. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** Finds what in an event contradicts the world: its channel, its user, its member, its guild. */
export class Inconsistency {
  readonly #world: World
  readonly #members: ReadonlyMap<string, ReadonlySet<string>>

  constructor(world: World) {
    this.#world = world
    this.#members = new Map(
      world.guildIds.map((id) => [id, new Set(world.members(id).map(({ user }) => user.id))]),
    )
  }

  of({ type, data, guildId }: TrafficEvent): readonly string[] {
    const faults: string[] = []
    const channelId = field(data, 'channel_id')
    if (typeof channelId === 'string') {
      if (this.#world.hiddenChannelIds.has(channelId)) faults.push(`${type} in hidden channel ${channelId}`)
      if (guildId !== null && this.#world.guildOfChannel(channelId) !== guildId) {
        faults.push(`${type} in foreign channel ${channelId}`)
      }
      if (guildId === null && channelId !== this.#world.dmChannelId) {
        faults.push(`${type} in channel ${channelId} without a guild`)
      }
    }
    if (guildId === null) return faults
    const named = field(data, 'guild_id') ?? field(data, 'id')
    if (type !== 'RATE_LIMITED' && named !== guildId) faults.push(`${type} of guild ${String(named)}`)
    const author = field(field(data, 'author'), 'id') ?? field(data, 'user_id')
    if (typeof author === 'string' && this.#members.get(guildId)?.has(author) !== true) {
      faults.push(`${type} by stranger ${author}`)
    }
    const member = field(field(field(data, 'member'), 'user'), 'id')
    if (typeof member === 'string' && typeof author === 'string' && member !== author) {
      faults.push(`${type} by ${author} with member ${member}`)
    }
    return faults
  }
}
