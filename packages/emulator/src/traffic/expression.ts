import type { APIEmoji, APISoundboardSound, APISticker } from 'discord-api-types/v10'
import type { Census } from './census.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import { sentence, word } from './text.ts'

/** The guild's emoji with this index. */
export function makeEmoji(guild: Guild, index: number): APIEmoji & { version: number } {
  const random = guild.random(EntityKind.Emoji, index)
  return {
    version: 0,
    roles: [],
    require_colons: true,
    name: `${word(random)}_${word(random)}`,
    managed: false,
    id: guild.idOf(EntityKind.Emoji, index),
    available: true,
    animated: random.chance(0.2),
  }
}

/** The guild's sticker with this index. */
export function makeSticker(guild: Guild, index: number): APISticker & { version: number } {
  const random = guild.random(EntityKind.Sticker, index)
  return {
    version: guild.createdMs,
    type: 2,
    tags: '🌲',
    name: `${word(random)} ${word(random)}`,
    id: guild.idOf(EntityKind.Sticker, index),
    guild_id: guild.id,
    format_type: random.chance(0.3) ? 2 : 1,
    description: random.chance(0.5) ? sentence(random) : null,
    available: true,
    asset: '',
  }
}

/** The guild's soundboard sound with this index. */
export function makeSound(
  census: Census,
  guild: Guild,
  index: number,
): APISoundboardSound & { user_id: string } {
  const random = guild.random(EntityKind.Sound, index)
  const custom = guild.size.emojis > 0 && random.chance(0.3)
  const emoji = custom ? makeEmoji(guild, random.below(guild.size.emojis)) : undefined
  return {
    volume: Math.round(random.next() * 100) / 100,
    user_id: census.memberId(guild, random.below(guild.size.members)),
    sound_id: guild.idOf(EntityKind.Sound, index),
    name: word(random),
    guild_id: guild.id,
    emoji_name: custom ? null : '🦗',
    emoji_id: emoji?.id ?? null,
    available: true,
  }
}
