import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { sentence } from './text.ts'

/** A voice channel of a CHANNEL_INFO. Source: Discord docs, *Gateway Events*, Channel Info. */
export interface ChannelInfo {
  readonly id: string
  readonly status: string | null
  /** Unix time in seconds. */
  readonly voice_start_time: number | null
}

/** Unix seconds before which all calls of CHANNEL_INFO began. */
const callsBefore = 1_767_225_600
const liveShare = 0.5

/** What CHANNEL_INFO tells of the voice channels that the bot can view. */
export function channelInfo(guild: Guild): readonly ChannelInfo[] {
  return guild.layout.voice.map((index) => {
    const random = guild.random(EntityKind.Channel, -1 - index)
    const isLive = random.chance(liveShare)
    return {
      id: guild.channelId(index),
      status: isLive ? sentence(random) : null,
      voice_start_time: isLive ? callsBefore - random.below(7200) : null,
    }
  })
}
