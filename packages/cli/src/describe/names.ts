import type { GatewayEvent } from 'twilight-gateway'

/** Names of each kind that are kept; then the oldest go. */
const mostNames = 100_000

interface Named {
  readonly id?: unknown
  readonly name?: unknown
  readonly username?: unknown
  readonly global_name?: unknown
}

/** What ids are called, learnt from the events that went by; a bot's events name most things by id only. */
export class Names {
  readonly #guilds = new Map<string, string>()
  readonly #channels = new Map<string, string>()
  readonly #users = new Map<string, string>()

  /** Remembers every name in an event's data. */
  learn(event: GatewayEvent): void {
    const { type, data } = event
    if (type === 'GUILD_CREATE' || type === 'GUILD_UPDATE') this.#learnGuild(data)
    else if (/^(CHANNEL|THREAD)_(CREATE|UPDATE)$/.test(type)) learn(this.#channels, data, 'name')
    else this.#learnUsers(data)
  }

  /** A guild's name, or its id. */
  guild(id: string): string {
    return this.#guilds.get(id) ?? `guild ${id}`
  }

  /** A channel's name with its sign, or its id. */
  channel(id: string): string {
    const name = this.#channels.get(id)
    return name === undefined ? `channel ${id}` : `#${name}`
  }

  /** A user's name, or the id. */
  user(id: string): string {
    return this.#users.get(id) ?? `user ${id}`
  }

  /** Where something happened: channel and guild, as far as they are given. */
  place(channelId: string | null | undefined, guildId: string | null | undefined): string {
    if (guildId === undefined || guildId === null) return 'a direct message'
    const guild = this.guild(guildId)
    return channelId === undefined || channelId === null ? guild : `${this.channel(channelId)} of ${guild}`
  }

  #learnGuild(data: unknown): void {
    learn(this.#guilds, data, 'name')
    for (const channel of listOf(data, 'channels')) learn(this.#channels, channel, 'name')
    for (const thread of listOf(data, 'threads')) learn(this.#channels, thread, 'name')
    for (const member of listOf(data, 'members')) this.#learnUsers(member)
  }

  #learnUsers(data: unknown): void {
    const member = field(data, 'member')
    for (const user of [field(data, 'author'), field(data, 'user'), field(member, 'user')]) {
      learn(this.#users, user, 'username')
      learn(this.#users, user, 'global_name')
    }
  }
}

function learn(names: Map<string, string>, named: unknown, key: keyof Named): void {
  const id = field(named, 'id')
  const name = field(named, key)
  if (typeof id !== 'string' || typeof name !== 'string' || name === '') return
  names.set(id, name)
  if (names.size <= mostNames) return
  const [oldest] = names.keys()
  if (oldest !== undefined) names.delete(oldest)
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = field(value, key)
  return Array.isArray(list) ? list : []
}
