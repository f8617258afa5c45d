import type {
  GatewayActivity,
  GatewayPresenceUpdate,
  PresenceUpdateReceiveStatus,
} from 'discord-api-types/v10'
import type { Census } from './census.ts'
import { EntityKind } from './entity-kind.ts'
import { enumValue } from './enum-value.ts'
import type { Guild } from './guild.ts'
import type { KeyedRandom } from './keyed-random.ts'
import { sentence, title, word } from './text.ts'

const statuses = ['online', 'online', 'online', 'idle', 'dnd', 'offline', 'offline'] as const
const devices = ['desktop', 'desktop', 'mobile', 'web', 'vr'] as const

/** The presence of a guild's member, drawn from `random`; without one, the one it has in GUILD_CREATE. */
export function makePresence(
  census: Census,
  guild: Guild,
  member: number,
  random: KeyedRandom = guild.random(EntityKind.Presence, member),
): GatewayPresenceUpdate {
  const name = member === 0 ? 'online' : random.pick(statuses)
  const status = enumValue<PresenceUpdateReceiveStatus>(name)
  const isOffline = name === 'offline'
  return {
    user: { id: census.memberId(guild, member) },
    status,
    guild_id: guild.id,
    client_status: isOffline ? {} : { [random.pick(devices)]: status, [random.pick(devices)]: status },
    activities: isOffline || random.chance(0.4) ? [] : [activity(random)],
  }
}

function activity(random: KeyedRandom): GatewayActivity {
  const createdMs = 1_768_000_000_000 + random.below(500_000_000)
  if (random.chance(0.3)) {
    return { type: 4, state: sentence(random), name: 'Custom Status', id: 'custom', created_at: createdMs }
  }
  return {
    type: 0,
    timestamps: { start: createdMs - random.below(3_600_000) },
    state: `In a party of ${random.between(2, 8)}`,
    name: title(random),
    id: random.hash().slice(0, 16),
    details: `Exploring the ${word(random)} ${word(random)}`,
    created_at: createdMs,
    assets: { large_text: word(random), large_image: `mp:external/${random.hash()}` },
    application_id: '383226320970055681',
  }
}
