import { isObject, isSnowflake } from '../json.ts'
import { rejectPayload } from './command.ts'
import type { CommandHandler } from './command.ts'

/** Op 31: one SOUNDBOARD_SOUNDS for each guild that the bot is in (rule E34). */
export const soundboardRequest: CommandHandler = (gateway, connection, data) => {
  const guildIds = isObject(data) ? data['guild_ids'] : undefined
  if (!Array.isArray(guildIds) || !guildIds.every((id) => isSnowflake(id))) {
    rejectPayload(gateway, connection, 'op 31 needs guild_ids, an array of snowflakes')
    return
  }
  const { session } = connection
  for (const guildId of guildIds) {
    if (session?.bot.world.hasGuild(guildId) !== true) continue
    session.send('SOUNDBOARD_SOUNDS', {
      guild_id: guildId,
      soundboard_sounds: session.bot.world.soundboardSounds(guildId),
    })
  }
}

/** Op 43: one CHANNEL_INFO with the fields that were asked for; unknown ones are ignored (rule E34). */
export const channelInfoRequest: CommandHandler = (gateway, connection, data) => {
  const { guild_id: guildId, fields } = isObject(data) ? data : {}
  if (
    !isSnowflake(guildId) ||
    !Array.isArray(fields) ||
    !fields.every((field) => typeof field === 'string')
  ) {
    rejectPayload(gateway, connection, 'op 43 needs guild_id and fields, an array of strings')
    return
  }
  const { session } = connection
  if (session?.bot.world.hasGuild(guildId) !== true) return
  const kept = new Set(['id', ...fields])
  session.send('CHANNEL_INFO', {
    guild_id: guildId,
    channels: session.bot.world
      .channelInfo(guildId)
      .map((channel) => Object.fromEntries(Object.entries(channel).filter(([key]) => kept.has(key)))),
  })
}
