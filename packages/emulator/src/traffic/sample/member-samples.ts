import type {
  GatewayGuildMemberAddDispatchData,
  GatewayGuildMemberRemoveDispatchData,
  GatewayGuildMemberUpdateDispatchData,
  GatewayGuildMembersChunkDispatchData,
  GatewayPresenceUpdate,
} from 'discord-api-types/v10'
import { listOf } from '../list-of.ts'
import { makeMember } from '../member.ts'
import { makePresence } from '../presence.ts'
import type { SceneSamples } from './sample.ts'

const chunkMembers = 100
/** Share of presence updates that tell of a changed profile. */
const profileShare = 0.02

/** Members and presences. Source: Discord docs, *Gateway Events*, guild members and presence. */
export const memberSamples: SceneSamples = {
  GUILD_MEMBER_ADD: (scene): GatewayGuildMemberAddDispatchData => ({
    ...makeMember(scene.census, scene.guild, scene.stranger()),
    guild_id: scene.guild.id,
  }),
  GUILD_MEMBER_UPDATE: (scene): GatewayGuildMemberUpdateDispatchData => {
    const { avatar = null, banner = null, ...member } = makeMember(scene.census, scene.guild, scene.member())
    return { ...member, guild_id: scene.guild.id, banner, avatar }
  },
  GUILD_MEMBER_REMOVE: (scene): GatewayGuildMemberRemoveDispatchData => ({
    user: scene.census.memberUser(scene.guild, scene.stranger()),
    guild_id: scene.guild.id,
  }),
  GUILD_MEMBERS_CHUNK: (scene): GatewayGuildMembersChunkDispatchData => ({
    // No request has this nonce: a client that keys chunks by nonce leaves it alone.
    nonce: `traffic-${scene.number}`,
    not_found: [],
    members: listOf(Math.min(chunkMembers, scene.guild.size.members), (member) =>
      makeMember(scene.census, scene.guild, member),
    ),
    guild_id: scene.guild.id,
    chunk_index: 0,
    chunk_count: 1,
  }),
  PRESENCE_UPDATE: (scene): GatewayPresenceUpdate => {
    const { census, guild, random } = scene
    const member = scene.member()
    const presence = makePresence(census, guild, member, random)
    // A changed profile comes as a presence with a whole user. Source: Discord docs, *Gateway Events*, Presence Update.
    return random.chance(profileShare) ? { ...presence, user: census.memberUser(guild, member) } : presence
  },
}
