import type { APIRole } from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { title } from './text.ts'

/** The guild's role with this index; role 0 is @everyone. */
export function makeRole(guild: Guild, index: number): APIRole & { version: number } {
  const random = guild.random(EntityKind.Role, index)
  const color = index === 0 ? 0 : random.below(0xff_ff_ff)
  return {
    version: guild.createdMs + random.below(1e9),
    unicode_emoji: random.chance(0.1) ? '🌟' : null,
    tags: {},
    position: index,
    permissions: index === 0 ? '1071698660929' : String(2 ** random.between(10, 46)),
    name: index === 0 ? '@everyone' : title(random),
    mentionable: random.chance(0.2),
    managed: false,
    id: guild.roleId(index),
    icon: null,
    hoist: random.chance(0.3),
    flags: noFlags,
    colors: { tertiary_color: null, secondary_color: null, primary_color: color },
    color,
  }
}
