import type { Encoding, EncodingName } from '../encoding/encoding.ts'
import { jsonEncoding } from '../encoding/json-encoding.ts'
import { isObject, stringField } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { eventGates, guildEvents } from '../protocol/event-gate.ts'
import { Intent } from '../protocol/intent.ts'
import { shardOfGuild } from '../protocol/limit.ts'
import { obfuscateChannel, trimGuild } from './guild-view.ts'
import { blankModeration, messageWithoutIntent } from './message-view.ts'
import type { SessionView } from './session-view.ts'

const messages: ReadonlySet<string> = new Set(['MESSAGE_CREATE', 'MESSAGE_UPDATE'])
const channels: ReadonlySet<string> = new Set(['CHANNEL_CREATE', 'CHANNEL_UPDATE'])

/** Bodies of the same data. */
type Bodies = { [Name in EncodingName]?: Buffer }

/** Bodies of what a bot may not see all of, and the bot that each was made for. */
type ReducedBodies = { [Name in EncodingName]?: { readonly selfId: string; readonly body: Buffer } }

/** One event, serialised once for each encoding and each way in which sessions may see it (rule E18). */
export class OutboundEvent {
  readonly type: string
  readonly data: unknown
  readonly guildId: string | undefined
  readonly #full: Bodies = {}
  readonly #reduced: ReducedBodies = {}
  #routedCount = 0
  #routedShard = 0

  constructor(type: string, data: unknown, guildId: string | null | undefined = guildOf(type, data)) {
    this.type = type
    this.data = data
    this.guildId = guildId ?? undefined
  }

  /** The shard that gets the event; 0 when it belongs to no guild. */
  shard(shardCount: number): number {
    if (this.guildId === undefined) return 0
    if (this.#routedCount !== shardCount) {
      this.#routedCount = shardCount
      this.#routedShard = shardOfGuild(this.guildId, shardCount)
    }
    return this.#routedShard
  }

  /** The body for a session, or undefined if its intents keep the event from it. */
  bodyFor(view: SessionView, encoding: Encoding): Buffer | undefined {
    if (!this.isVisible(view)) return undefined
    const data = this.data
    if (!isObject(data)) return this.serialise(encoding)
    const readsContent = (view.intents & Intent.MessageContent) !== 0
    if (messages.has(this.type)) {
      return readsContent
        ? this.serialise(encoding)
        : this.#reducedBody(encoding, view.selfId, () => messageWithoutIntent(data, view.selfId))
    }
    if (this.type === 'AUTO_MODERATION_ACTION_EXECUTION') {
      return readsContent
        ? this.serialise(encoding)
        : this.#reducedBody(encoding, view.selfId, () => blankModeration(data))
    }
    if (this.type === 'GUILD_CREATE' && data['unavailable'] !== true)
      return encoding.body(trimGuild(data, view))
    const { guildId } = this
    if (channels.has(this.type) && guildId !== undefined && view.hiddenChannelIds.has(String(data['id']))) {
      return this.#reducedBody(encoding, view.selfId, () => obfuscateChannel(data, guildId))
    }
    if (this.type === 'THREAD_MEMBERS_UPDATE' && (view.intents & Intent.GuildMembers) === 0) {
      return encoding.body(selfOnly(data, view.selfId))
    }
    return this.serialise(encoding)
  }

  /** The full body, made at the first call. Default: as JSON. */
  serialise(encoding: Encoding = jsonEncoding): Buffer {
    return (this.#full[encoding.name] ??= encoding.body(this.data))
  }

  /** Whether a session's intents let the event through. */
  isVisible(view: SessionView): boolean {
    const gate = eventGates.get(this.type)
    if (gate === undefined) return true
    const needed = this.guildId === undefined ? gate.direct : gate.guild
    if (this.type === 'THREAD_MEMBERS_UPDATE' && (view.intents & Intent.GuildMembers) === 0) {
      return (view.intents & Intent.Guilds) !== 0 && concerns(this.data, view.selfId)
    }
    if ((view.intents & needed) !== 0) return true
    return this.type === 'GUILD_MEMBER_UPDATE' && isObject(this.data)
      ? stringField(this.data['user'], 'id') === view.selfId
      : false
  }

  #reducedBody(encoding: Encoding, selfId: string, reduce: () => JsonObject): Buffer {
    const known = this.#reduced[encoding.name]
    if (known?.selfId === selfId) return known.body
    const data = reduce()
    const body = data === this.data ? this.serialise(encoding) : encoding.body(data)
    this.#reduced[encoding.name] = { selfId, body }
    return body
  }
}

function guildOf(type: string, data: unknown): string | undefined {
  return stringField(data, guildEvents.has(type) ? 'id' : 'guild_id')
}

function concerns(data: unknown, selfId: string): boolean {
  if (!isObject(data)) return false
  const added = data['added_members']
  const removed = data['removed_member_ids']
  return (
    (Array.isArray(added) && added.some((member) => stringField(member, 'user_id') === selfId)) ||
    (Array.isArray(removed) && removed.includes(selfId))
  )
}

function selfOnly(data: JsonObject, selfId: string): JsonObject {
  const added = data['added_members']
  const removed = data['removed_member_ids']
  return {
    ...data,
    ...(Array.isArray(added) && {
      added_members: added.filter((member) => stringField(member, 'user_id') === selfId),
    }),
    ...(Array.isArray(removed) && { removed_member_ids: removed.filter((id) => id === selfId) }),
  }
}
