import type { APIUser, GatewayMessageCreateDispatchData } from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import type { PartialMember } from './member.ts'
import { isoTime } from './snowflake.ts'

/** What a message is made of. */
export interface MessageParts {
  readonly id: string
  readonly channelId: string
  /** Type of the channel it is in. */
  readonly channelType: number
  /** Unix ms. */
  readonly timeMs: number
  readonly content: string
  readonly author: APIUser
  /** In a guild: its id and the author's membership, if the author still has one. */
  readonly guildId?: string
  readonly member?: PartialMember
  readonly nonce?: string | number
}

/** The data of a plain MESSAGE_CREATE. */
export function makeMessage(parts: MessageParts): GatewayMessageCreateDispatchData {
  const { id, channelId, channelType, timeMs, content, author, guildId, member, nonce } = parts
  return {
    type: 0,
    tts: false,
    timestamp: isoTime(timeMs),
    pinned: false,
    ...(nonce !== undefined && { nonce }),
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    ...(member !== undefined && { member }),
    id,
    flags: noFlags,
    embeds: [],
    edited_timestamp: null,
    content,
    components: [],
    channel_type: channelType,
    channel_id: channelId,
    author,
    attachments: [],
    ...(guildId !== undefined && { guild_id: guildId }),
  }
}
