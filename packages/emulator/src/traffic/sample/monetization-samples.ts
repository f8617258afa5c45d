import type { APIEntitlement, APISubscription, APIUser } from 'discord-api-types/v10'
import { EntityKind } from '../entity-kind.ts'
import type { Scene } from '../scene.ts'
import { isoTime } from '../snowflake.ts'
import type { SceneSamples } from './sample.ts'

const monthMs = 2_592_000_000
const skuCount = 3

/** What belongs to the application and not to a guild. Source: Discord docs, *Gateway Events*, monetization, users. */
export const monetizationSamples: SceneSamples = {
  ENTITLEMENT_CREATE: (scene) => entitlement(scene, false),
  ENTITLEMENT_UPDATE: (scene) => entitlement(scene, false),
  ENTITLEMENT_DELETE: (scene) => entitlement(scene, true),
  SUBSCRIPTION_CREATE: (scene) => subscription(scene, 0),
  SUBSCRIPTION_UPDATE: (scene) => subscription(scene, 2),
  SUBSCRIPTION_DELETE: (scene) => subscription(scene, 1),
  USER_UPDATE: ({ census }): APIUser => ({ ...census.bot }),
}

function entitlement(scene: Scene, deleted: boolean): APIEntitlement {
  return {
    user_id: scene.census.memberId(scene.guild, scene.member()),
    type: 8,
    starts_at: isoTime(scene.timeMs),
    sku_id: scene.census.idOf(EntityKind.Sku, scene.index(skuCount)),
    id: scene.census.idOf(EntityKind.Entitlement, scene.transient()),
    ends_at: isoTime(scene.timeMs + monthMs),
    deleted,
    consumed: false,
    application_id: scene.census.applicationId,
  }
}

function subscription(scene: Scene, status: 0 | 1 | 2): APISubscription {
  const sku = scene.census.idOf(EntityKind.Sku, scene.index(skuCount))
  return {
    user_id: scene.census.memberId(scene.guild, scene.member()),
    status,
    sku_ids: [sku],
    renewal_sku_ids: status === 0 ? [sku] : null,
    id: scene.census.idOf(EntityKind.Subscription, scene.transient()),
    entitlement_ids: [scene.census.idOf(EntityKind.Entitlement, scene.transient())],
    current_period_start: isoTime(scene.timeMs),
    current_period_end: isoTime(scene.timeMs + monthMs),
    canceled_at: status === 0 ? null : isoTime(scene.timeMs),
  }
}
