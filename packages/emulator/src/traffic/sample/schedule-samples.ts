import type {
  APIGuildScheduledEvent,
  GatewayGuildScheduledEventUserAddDispatchData,
} from 'discord-api-types/v10'
import { EntityKind } from '../entity-kind.ts'
import { makeScheduledEvent } from '../occasion.ts'
import type { Scene } from '../scene.ts'
import type { SceneSamples } from './sample.ts'

/** Scheduled events. Source: Discord docs, *Gateway Events*, guild scheduled events. */
export const scheduleSamples: SceneSamples = {
  GUILD_SCHEDULED_EVENT_CREATE: (scene) => transientEvent(scene),
  GUILD_SCHEDULED_EVENT_UPDATE: (scene) =>
    makeScheduledEvent(scene.census, scene.guild, scene.index(scene.guild.eventCount)),
  GUILD_SCHEDULED_EVENT_DELETE: (scene) => transientEvent(scene),
  GUILD_SCHEDULED_EVENT_USER_ADD: (scene) => attendance(scene),
  GUILD_SCHEDULED_EVENT_USER_REMOVE: (scene) => attendance(scene),
}

function transientEvent(scene: Scene): APIGuildScheduledEvent {
  return makeScheduledEvent(scene.census, scene.guild, scene.transient())
}

function attendance(scene: Scene): GatewayGuildScheduledEventUserAddDispatchData {
  const { guild } = scene
  return {
    user_id: scene.census.memberId(guild, scene.member()),
    guild_scheduled_event_id: guild.idOf(EntityKind.ScheduledEvent, scene.index(guild.eventCount)),
    guild_id: guild.id,
  }
}
