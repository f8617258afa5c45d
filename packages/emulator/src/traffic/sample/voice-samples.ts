import type {
  APIVoiceState,
  GatewayVoiceChannelEffectSendDispatchData,
  GatewayVoiceChannelStartTimeUpdateDispatchData,
  GatewayVoiceChannelStatusUpdateDispatchData,
  GatewayVoiceServerUpdateDispatchData,
} from 'discord-api-types/v10'
import { EntityKind } from '../entity-kind.ts'
import { makeMember } from '../member.ts'
import { makeStageInstance } from '../occasion.ts'
import { sentence } from '../text.ts'
import { makeVoiceState } from '../voice-state.ts'
import type { SceneSamples } from './sample.ts'

const leaveShare = 0.25

/** Voice and stages. Source: Discord docs, *Gateway Events*, voice and stage instances. */
export const voiceSamples: SceneSamples = {
  VOICE_STATE_UPDATE: (scene): APIVoiceState => {
    const { census, guild, random } = scene
    const member = scene.member()
    const channelId = random.chance(leaveShare) ? null : guild.channelId(scene.voiceChannel())
    return {
      member: makeMember(census, guild, member),
      ...makeVoiceState(census, guild, member, { channelId, random }),
      guild_id: guild.id,
    }
  },
  VOICE_SERVER_UPDATE: ({ guild, random }): GatewayVoiceServerUpdateDispatchData => ({
    token: random.hash().slice(0, 16),
    guild_id: guild.id,
    endpoint: random.chance(0.1) ? null : `rotterdam${random.between(1, 9999)}.discord.media:443`,
  }),
  VOICE_CHANNEL_EFFECT_SEND: (scene): GatewayVoiceChannelEffectSendDispatchData => ({
    user_id: scene.census.memberId(scene.guild, scene.member()),
    // Default sounds have small numbers for ids. Source: Discord docs, *Gateway Events*, Voice Channel Effect Send.
    sound_id: scene.random.chance(0.5)
      ? 1
      : scene.guild.idOf(EntityKind.Sound, scene.index(scene.guild.soundCount)),
    sound_volume: 1,
    guild_id: scene.guild.id,
    emoji: { name: '🦆', id: null },
    channel_id: scene.guild.channelId(scene.voiceChannel()),
    animation_type: 0,
    animation_id: scene.random.below(20),
  }),
  VOICE_CHANNEL_STATUS_UPDATE: (scene): GatewayVoiceChannelStatusUpdateDispatchData => ({
    status: scene.random.chance(0.2) ? null : sentence(scene.random),
    id: scene.guild.channelId(scene.voiceChannel()),
    guild_id: scene.guild.id,
  }),
  VOICE_CHANNEL_START_TIME_UPDATE: (scene): GatewayVoiceChannelStartTimeUpdateDispatchData => ({
    voice_start_time: scene.random.chance(0.2) ? null : Math.floor(scene.timeMs / 1000),
    id: scene.guild.channelId(scene.voiceChannel()),
    guild_id: scene.guild.id,
  }),
  STAGE_INSTANCE_CREATE: (scene) => makeStageInstance(scene.guild, scene.stageChannel()),
  STAGE_INSTANCE_UPDATE: (scene) => makeStageInstance(scene.guild, scene.stageChannel()),
  STAGE_INSTANCE_DELETE: (scene) => makeStageInstance(scene.guild, scene.stageChannel()),
}
