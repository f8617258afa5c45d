import type { APIThreadChannel, APIThreadMember, ChannelType } from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import type { Census } from './census.ts'
import { ChannelKind } from './channel-layout.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { isoTime, snowflake } from './snowflake.ts'
import { title } from './text.ts'

/** A thread of the kind that members make in a text channel. */
export type PublicThread = APIThreadChannel<ChannelType.PublicThread>

/** The guild's thread with this index. */
export function makeThread(census: Census, guild: Guild, index: number): PublicThread {
  const random = guild.random(EntityKind.Thread, index)
  const bornMs = guild.bornMs(EntityKind.Thread, index)
  const messages = random.between(1, 400)
  return {
    type: ChannelKind.PublicThread,
    total_message_sent: messages,
    thread_metadata: {
      locked: false,
      create_timestamp: isoTime(bornMs),
      auto_archive_duration: 4320,
      archived: false,
      archive_timestamp: isoTime(bornMs),
    },
    rate_limit_per_user: 0,
    parent_id: guild.channelId(guild.threadParent(index)),
    owner_id: census.memberId(guild, random.below(guild.size.members)),
    name: title(random),
    message_count: messages,
    member_count: random.between(1, 50),
    last_message_id: snowflake(bornMs + 1e7, random.bits()),
    id: guild.idOf(EntityKind.Thread, index),
    guild_id: guild.id,
    flags: noFlags,
  }
}

/** A member's place in a thread. */
export function makeThreadMember(
  census: Census,
  guild: Guild,
  thread: number,
  member: number,
): APIThreadMember {
  return {
    user_id: census.memberId(guild, member),
    join_timestamp: isoTime(guild.bornMs(EntityKind.Thread, thread) + 60_000 * member),
    id: guild.idOf(EntityKind.Thread, thread),
    flags: 1,
  }
}
