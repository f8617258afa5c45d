import type { APIBaseVoiceState } from 'discord-api-types/v10'
import type { Census } from './census.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import type { KeyedRandom } from './keyed-random.ts'

/** Share of a guild's members that are in voice. */
const inVoice = 0.12

/** A member's voice state in a channel, or with `null` having left. */
export function makeVoiceState(
  census: Census,
  guild: Guild,
  member: number,
  { channelId, random }: { readonly channelId: string | null; readonly random: KeyedRandom },
): APIBaseVoiceState {
  return {
    user_id: census.memberId(guild, member),
    suppress: false,
    session_id: random.hash(),
    self_video: random.chance(0.1),
    ...(channelId !== null && random.chance(0.05) && { self_stream: true }),
    self_mute: random.chance(0.3),
    self_deaf: random.chance(0.1),
    request_to_speak_timestamp: null,
    mute: false,
    deaf: false,
    channel_id: channelId,
  }
}

/** The voice states of a GUILD_CREATE: of members in channels that the bot can view. */
export function makeVoiceStates(census: Census, guild: Guild): APIBaseVoiceState[] {
  const { voice } = guild.layout
  if (voice.length === 0) return []
  const states: APIBaseVoiceState[] = []
  for (let member = 1; member < guild.size.members; member++) {
    const random = guild.random(EntityKind.VoiceState, member)
    if (!random.chance(inVoice)) continue
    const channelId = guild.channelId(random.pick(voice))
    states.push(makeVoiceState(census, guild, member, { channelId, random }))
  }
  return states
}
