import type {
  GatewayChannelInfoDispatchData,
  GatewayChannelModifyDispatchData,
  GatewayChannelPinsUpdateDispatchData,
  GatewayInviteCreateDispatchData,
  GatewayInviteDeleteDispatchData,
  GatewayThreadCreateDispatchData,
  GatewayThreadDeleteDispatchData,
  GatewayThreadListSyncDispatchData,
  GatewayThreadMemberUpdateDispatchData,
  GatewayThreadMembersUpdateDispatchData,
  GatewayThreadUpdateDispatchData,
  GatewayWebhooksUpdateDispatchData,
} from 'discord-api-types/v10'
import { makeChannel } from '../channel.ts'
import { channelInfo } from '../channel-info.ts'
import { EntityKind } from '../entity-kind.ts'
import { listOf } from '../list-of.ts'
import type { Scene } from '../scene.ts'
import { isoTime } from '../snowflake.ts'
import { makeThread, makeThreadMember } from '../thread.ts'
import type { SceneSamples } from './sample.ts'

/** Channels, threads, invites and webhooks. Source: Discord docs, *Gateway Events*, channels, threads, invites. */
export const channelSamples: SceneSamples = {
  CHANNEL_CREATE: (scene) => transientChannel(scene),
  CHANNEL_UPDATE: (scene): GatewayChannelModifyDispatchData => ({
    ...makeChannel(scene.guild, scene.textChannel()),
    guild_id: scene.guild.id,
  }),
  CHANNEL_DELETE: (scene) => transientChannel(scene),
  CHANNEL_PINS_UPDATE: (scene): GatewayChannelPinsUpdateDispatchData => ({
    last_pin_timestamp: isoTime(scene.timeMs),
    guild_id: scene.guild.id,
    channel_id: scene.guild.channelId(scene.textChannel()),
  }),
  CHANNEL_INFO: ({ guild }): GatewayChannelInfoDispatchData => ({
    guild_id: guild.id,
    channels: channelInfo(guild).map((channel) => ({ ...channel })),
  }),
  THREAD_CREATE: (scene): GatewayThreadCreateDispatchData => ({
    ...transientThread(scene),
    newly_created: true,
  }),
  THREAD_UPDATE: (scene): GatewayThreadUpdateDispatchData =>
    makeThread(scene.census, scene.guild, scene.thread()),
  THREAD_DELETE: (scene): GatewayThreadDeleteDispatchData => {
    const { id, type, parent_id: parent } = transientThread(scene)
    return { type, parent_id: parent ?? '', id, guild_id: scene.guild.id }
  },
  THREAD_LIST_SYNC: ({ census, guild }): GatewayThreadListSyncDispatchData => ({
    threads: listOf(guild.threadCount, (index) => makeThread(census, guild, index)),
    members: listOf(guild.threadCount, (index) => makeThreadMember(census, guild, index, 0)),
    guild_id: guild.id,
  }),
  THREAD_MEMBER_UPDATE: (scene): GatewayThreadMemberUpdateDispatchData => ({
    ...makeThreadMember(scene.census, scene.guild, scene.thread(), 0),
    guild_id: scene.guild.id,
  }),
  THREAD_MEMBERS_UPDATE: (scene): GatewayThreadMembersUpdateDispatchData => {
    const thread = scene.thread()
    return {
      removed_member_ids: [scene.census.memberId(scene.guild, scene.member())],
      member_count: scene.random.between(1, 50),
      id: scene.guild.idOf(EntityKind.Thread, thread),
      guild_id: scene.guild.id,
      added_members: [
        makeThreadMember(scene.census, scene.guild, thread, scene.random.chance(0.3) ? 0 : scene.member()),
      ],
    }
  },
  INVITE_CREATE: (scene): GatewayInviteCreateDispatchData => ({
    uses: 0,
    temporary: false,
    max_uses: 0,
    max_age: 86_400,
    inviter: scene.census.memberUser(scene.guild, scene.member()),
    guild_id: scene.guild.id,
    expires_at: isoTime(scene.timeMs + 86_400_000),
    created_at: isoTime(scene.timeMs),
    code: inviteCode(scene),
    channel_id: scene.guild.channelId(scene.textChannel()),
  }),
  INVITE_DELETE: (scene): GatewayInviteDeleteDispatchData => ({
    guild_id: scene.guild.id,
    code: inviteCode(scene),
    channel_id: scene.guild.channelId(scene.textChannel()),
  }),
  WEBHOOKS_UPDATE: (scene): GatewayWebhooksUpdateDispatchData => ({
    guild_id: scene.guild.id,
    channel_id: scene.guild.channelId(scene.textChannel()),
  }),
}

function transientChannel(scene: Scene): GatewayChannelModifyDispatchData {
  const { guild } = scene
  return { ...makeChannel(guild, scene.transient()), parent_id: null, guild_id: guild.id }
}

function transientThread(scene: Scene) {
  return makeThread(scene.census, scene.guild, scene.transient())
}

function inviteCode({ random }: Scene): string {
  return random.hash().slice(0, 10)
}
