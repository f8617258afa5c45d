import type {
  APIApplicationCommandInteraction,
  GatewayApplicationCommandPermissionsUpdateDispatchData,
  GatewayIntegrationCreateDispatchData,
  GatewayIntegrationDeleteDispatchData,
  GatewayGuildIntegrationsUpdateDispatchData,
  GatewayRateLimitedDispatchData,
  Locale,
} from 'discord-api-types/v10'
import { channelKind } from '../channel-layout.ts'
import { EntityKind } from '../entity-kind.ts'
import { enumValue } from '../enum-value.ts'
import { makeMember } from '../member.ts'
import type { Scene } from '../scene.ts'
import { messageText, title, word } from '../text.ts'
import type { SceneSamples } from './sample.ts'

const allPermissions = '2251799813685247'
/** Integrations that every guild seems to have. */
const integrationCount = 4
const commandCount = 20

/** Integrations, commands and interactions. Source: Discord docs, *Gateway Events*, integrations, interactions. */
export const integrationSamples: SceneSamples = {
  GUILD_INTEGRATIONS_UPDATE: ({ guild }): GatewayGuildIntegrationsUpdateDispatchData => ({
    guild_id: guild.id,
  }),
  INTEGRATION_CREATE: (scene) => integration(scene, scene.transient()),
  INTEGRATION_UPDATE: (scene) => integration(scene, scene.index(integrationCount)),
  INTEGRATION_DELETE: (scene): GatewayIntegrationDeleteDispatchData => ({
    id: scene.guild.idOf(EntityKind.Integration, scene.transient()),
    guild_id: scene.guild.id,
    application_id: scene.census.idOf(EntityKind.Application, scene.transient()),
  }),
  APPLICATION_COMMAND_PERMISSIONS_UPDATE: (
    scene,
  ): GatewayApplicationCommandPermissionsUpdateDispatchData => ({
    permissions: [
      { type: 1, permission: true, id: scene.guild.roleId(scene.index(scene.guild.size.roles)) },
      { type: 2, permission: false, id: scene.census.memberId(scene.guild, scene.member()) },
    ],
    id: scene.census.idOf(EntityKind.Command, scene.index(commandCount)),
    guild_id: scene.guild.id,
    application_id: scene.census.applicationId,
  }),
  INTERACTION_CREATE: (scene) => interaction(scene),
  // No request has this nonce: a client that matches by nonce leaves it alone.
  RATE_LIMITED: (scene): GatewayRateLimitedDispatchData => ({
    retry_after: Math.round(scene.random.next() * 30_000) / 1000,
    opcode: 8,
    meta: { nonce: `traffic-${scene.number}`, guild_id: scene.guild.id },
  }),
}

function integration(scene: Scene, index: number): GatewayIntegrationCreateDispatchData {
  const random = scene.guild.random(EntityKind.Integration, index)
  const applicationId = scene.census.idOf(EntityKind.Application, index + 1)
  const name = title(random)
  return {
    type: 'discord',
    name,
    id: scene.guild.idOf(EntityKind.Integration, index),
    enabled: true,
    application: {
      name,
      id: applicationId,
      icon: random.hash(),
      description: messageText(random),
    },
    account: { name, id: applicationId },
    guild_id: scene.guild.id,
  }
}

function interaction(scene: Scene): APIApplicationCommandInteraction {
  const { census, guild, random } = scene
  const channel = scene.textChannel()
  const channelId = guild.channelId(channel)
  const commandId = census.idOf(EntityKind.Command, scene.index(commandCount))
  return {
    version: 1,
    type: 2,
    token: `aW50ZXJhY3Rpb246${random.hash()}${random.hash()}${random.hash()}${random.hash()}`,
    member: { ...makeMember(census, guild, scene.member()), permissions: allPermissions },
    locale: enumValue<Locale>('en-US'),
    id: scene.id(EntityKind.Interaction),
    guild_locale: enumValue<Locale>('en-US'),
    guild_id: guild.id,
    guild: { locale: enumValue<Locale>('en-US'), id: guild.id, features: [] },
    entitlements: [],
    data: {
      type: 1,
      name: word(random),
      id: commandId,
      options: [{ value: messageText(random), type: 3, name: word(random) }],
    },
    context: 0,
    channel_id: channelId,
    channel: { type: channelKind(channel), id: channelId } as APIApplicationCommandInteraction['channel'],
    authorizing_integration_owners: { '0': guild.id },
    attachment_size_limit: 10_485_760,
    application_id: census.applicationId,
    app_permissions: allPermissions,
  }
}
