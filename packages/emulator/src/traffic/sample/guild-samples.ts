import type {
  APIUnavailableGuild,
  GatewayGuildAuditLogEntryCreateDispatchData,
  GatewayGuildBanAddDispatchData,
  GatewayGuildEmojisUpdateDispatchData,
  GatewayGuildRoleCreateDispatchData,
  GatewayGuildRoleDeleteDispatchData,
  GatewayGuildSoundboardSoundDeleteDispatchData,
  GatewayGuildSoundboardSoundsUpdateDispatchData,
  GatewayGuildStickersUpdateDispatchData,
} from 'discord-api-types/v10'
import { EntityKind } from '../entity-kind.ts'
import { makeEmoji, makeSound, makeSticker } from '../expression.ts'
import { makeGuild, makeGuildCreate } from '../guild-create.ts'
import { listOf } from '../list-of.ts'
import { makeRole } from '../role.ts'
import type { Scene } from '../scene.ts'
import { sentence } from '../text.ts'
import type { SceneSamples } from './sample.ts'

/** Guilds, roles, expressions and moderation. Source: Discord docs, *Gateway Events*, guilds. */
export const guildSamples: SceneSamples = {
  GUILD_DELETE: ({ guild }): APIUnavailableGuild => ({ id: guild.id, unavailable: true }),
  GUILD_CREATE: ({ census, guild }) => ({ ...makeGuildCreate(census, guild), unavailable: false }),
  GUILD_UPDATE: ({ census, guild }) => makeGuild(census, guild),
  GUILD_ROLE_CREATE: (scene) => transientRole(scene),
  GUILD_ROLE_UPDATE: ({ guild, random }): GatewayGuildRoleCreateDispatchData => ({
    role: makeRole(guild, random.below(guild.size.roles)),
    guild_id: guild.id,
  }),
  GUILD_ROLE_DELETE: (scene): GatewayGuildRoleDeleteDispatchData => ({
    role_id: scene.guild.roleId(scene.transient()),
    guild_id: scene.guild.id,
  }),
  GUILD_AUDIT_LOG_ENTRY_CREATE: (scene): GatewayGuildAuditLogEntryCreateDispatchData => ({
    user_id: scene.census.memberId(scene.guild, scene.member()),
    target_id: scene.census.memberId(scene.guild, scene.member()),
    reason: sentence(scene.random),
    id: scene.id(EntityKind.AuditLogEntry),
    changes: [
      {
        new_value: [{ name: 'Ω "mod"', id: scene.guild.roleId(scene.index(scene.guild.size.roles)) }],
        key: '$add',
      },
    ],
    action_type: 25,
    guild_id: scene.guild.id,
  }),
  GUILD_BAN_ADD: (scene) => ban(scene),
  GUILD_BAN_REMOVE: (scene) => ban(scene),
  GUILD_EMOJIS_UPDATE: ({ guild }): GatewayGuildEmojisUpdateDispatchData => ({
    guild_id: guild.id,
    emojis: listOf(guild.size.emojis, (index) => makeEmoji(guild, index)),
  }),
  GUILD_STICKERS_UPDATE: ({ guild }): GatewayGuildStickersUpdateDispatchData => ({
    stickers: listOf(guild.stickerCount, (index) => makeSticker(guild, index)),
    guild_id: guild.id,
  }),
  GUILD_SOUNDBOARD_SOUND_CREATE: (scene) => makeSound(scene.census, scene.guild, scene.transient()),
  GUILD_SOUNDBOARD_SOUND_UPDATE: (scene) =>
    makeSound(scene.census, scene.guild, scene.index(scene.guild.soundCount)),
  GUILD_SOUNDBOARD_SOUND_DELETE: (scene): GatewayGuildSoundboardSoundDeleteDispatchData => ({
    sound_id: scene.guild.idOf(EntityKind.Sound, scene.transient()),
    guild_id: scene.guild.id,
  }),
  GUILD_SOUNDBOARD_SOUNDS_UPDATE: (scene) => sounds(scene),
  SOUNDBOARD_SOUNDS: (scene) => sounds(scene),
}

function transientRole(scene: Scene): GatewayGuildRoleCreateDispatchData {
  return { role: makeRole(scene.guild, scene.transient()), guild_id: scene.guild.id }
}

function ban(scene: Scene): GatewayGuildBanAddDispatchData {
  return { user: scene.census.memberUser(scene.guild, scene.stranger()), guild_id: scene.guild.id }
}

function sounds({ census, guild }: Scene): GatewayGuildSoundboardSoundsUpdateDispatchData {
  return {
    soundboard_sounds: listOf(guild.soundCount, (index) => makeSound(census, guild, index)),
    guild_id: guild.id,
  }
}
