import { ChannelType } from 'discord-api-types/v10'

import { OutboundEvent } from '../dispatch/outbound-event.ts'
import { isObject, isSnowflake, stringField } from '../json.ts'
import type { JsonObject } from '../json.ts'
import type { Session } from '../session/session.ts'
import { rejectMalformed } from './command.ts'
import type { CommandHandler } from './command.ts'

interface VoiceRequest {
  readonly guildId: string
  /** Null leaves. */
  readonly channelId: string | null
  readonly mute: boolean
  readonly deaf: boolean
}

/**
 * Op 4: VOICE_STATE_UPDATE to whom it may concern, VOICE_SERVER_UPDATE to this session; an unknown, full or
 * forbidden channel gets no answer at all (rule E33). Source: Discord docs, *Voice*.
 */
export const voiceStateUpdate: CommandHandler = (gateway, connection, data) => {
  const request = parseVoice(data)
  if (request === undefined) {
    rejectMalformed(
      gateway,
      connection,
      'op 4 needs guild_id, channel_id (null to leave), self_mute, self_deaf',
    )
    return
  }
  const { session, voiceFault } = connection
  if (session === undefined || voiceFault === 'silent' || !mayJoin(session, request)) return
  gateway.dispatch(new OutboundEvent('VOICE_STATE_UPDATE', voiceState(session, request)))
  if (request.channelId === null) return
  session.send('VOICE_SERVER_UPDATE', {
    token: gateway.random.hex(16),
    guild_id: request.guildId,
    endpoint: voiceFault === 'null-endpoint' ? null : `rotterdam${1000 + session.shardId}.discord.media:443`,
  })
}

function parseVoice(data: unknown): VoiceRequest | undefined {
  if (!isObject(data)) return undefined
  const { guild_id: guildId, channel_id: channelId, self_mute: mute = false, self_deaf: deaf = false } = data
  if (!isSnowflake(guildId) || typeof mute !== 'boolean' || typeof deaf !== 'boolean') return undefined
  if (channelId !== null && !isSnowflake(channelId)) return undefined
  return { guildId, channelId, mute, deaf }
}

function mayJoin(session: Session, { guildId, channelId }: VoiceRequest): boolean {
  const { world, hiddenChannelIds } = session.bot
  if (!world.hasGuild(guildId)) return false
  if (channelId === null) return true
  if (hiddenChannelIds.has(channelId)) return false
  const channel = world.channels(guildId).find(({ id }) => id === channelId)
  if (channel?.type !== ChannelType.GuildVoice && channel?.type !== ChannelType.GuildStageVoice) return false
  const userLimit = channel.user_limit ?? 0
  if (userLimit === 0) return true
  const present = world.guildCreate(guildId).voice_states.filter((state) => state.channel_id === channelId)
  return present.length < userLimit
}

/** The voice `session_id` equals READY's, as was seen on the wire. */
function voiceState(session: Session, request: VoiceRequest): JsonObject {
  const { world } = session.bot
  const member = world.members(request.guildId).find((each) => stringField(each.user, 'id') === world.user.id)
  return {
    guild_id: request.guildId,
    channel_id: request.channelId,
    user_id: world.user.id,
    ...(member !== undefined && { member }),
    session_id: session.id,
    deaf: false,
    mute: false,
    self_deaf: request.deaf,
    self_mute: request.mute,
    self_video: false,
    suppress: false,
    request_to_speak_timestamp: null,
  }
}
