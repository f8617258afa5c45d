import type { APIUser } from 'discord-api-types/v10'
import { noFlags } from './no-flags.ts'
import type { KeyedRandom } from './keyed-random.ts'
import { displayName, word } from './text.ts'

/** A user with the keys that Discord sends and its docs leave out. */
export interface WireUser extends APIUser {
  display_name_styles: null
  clan: APIUser['primary_guild']
}

/** The user with this id. `index` makes the name unique. */
export function makeUser(random: KeyedRandom, id: string, index: number): WireUser {
  const avatar = random.chance(0.85) ? random.hash() : null
  const tagged = random.chance(0.1)
  const primaryGuild = tagged
    ? {
        tag: word(random).slice(0, 4).toUpperCase(),
        identity_guild_id: id,
        identity_enabled: true,
        badge: random.hash(),
      }
    : null
  return {
    username: `${word(random)}_${word(random)}${index}`,
    public_flags: random.chance(0.3) ? 1 << random.between(6, 9) : noFlags,
    primary_guild: primaryGuild,
    id,
    global_name: random.chance(0.7) ? displayName(random) : null,
    display_name_styles: null,
    discriminator: '0',
    collectibles: null,
    clan: primaryGuild,
    avatar_decoration_data: null,
    avatar,
  }
}

/** The bot's own user, as READY and GET /users/@me show it. */
export function makeBotUser(random: KeyedRandom, id: string): APIUser {
  return {
    verified: true,
    username: 'twilight',
    primary_guild: null,
    mfa_enabled: true,
    id,
    global_name: null,
    flags: noFlags,
    email: null,
    discriminator: String(random.between(1000, 9999)),
    bot: true,
    avatar: random.hash(),
  }
}
