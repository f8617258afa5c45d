import type { APIGuildMember } from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import type { Census } from './census.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { isoTime } from './snowflake.ts'
import { displayName } from './text.ts'

/** A member as MESSAGE_CREATE carries it, beside the author: without its user. */
export type PartialMember = Omit<APIGuildMember, 'user'>

/** A guild's `member`-th member, without the user. */
export function makePartialMember(guild: Guild, member: number): PartialMember {
  const random = guild.random(EntityKind.Member, member)
  const joinedMs = guild.createdMs + Math.floor(random.next() * 3e10)
  const roleCount = guild.size.roles > 1 ? random.below(4) : 0
  const firstRole = random.below(Math.max(1, guild.size.roles - 1))
  const roles: string[] = []
  for (let role = 0; role < Math.min(roleCount, guild.size.roles - 1); role++) {
    roles.push(guild.roleId(1 + ((firstRole + role) % (guild.size.roles - 1))))
  }
  return {
    roles,
    premium_since: random.chance(0.05) ? isoTime(joinedMs + 1e9) : null,
    pending: false,
    nick: member > 0 && random.chance(0.25) ? displayName(random) : null,
    mute: false,
    joined_at: isoTime(joinedMs),
    flags: random.chance(0.2) ? 10 : noFlags,
    deaf: false,
    communication_disabled_until: null,
    banner: null,
    avatar: random.chance(0.04) ? random.hash() : null,
  }
}

/** A guild's `member`-th member; member 0 is the bot. */
export function makeMember(census: Census, guild: Guild, member: number): APIGuildMember {
  return { user: census.memberUser(guild, member), ...makePartialMember(guild, member) }
}
