import { isObject, stringField } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { noContent, ok, unknownChannel, unknownGuild, unknownMember, unknownUser } from './route.ts'
import type { RestRequest, RestResponse, Route } from './route.ts'

/** Guilds, channels, members and messages, from the bot's world. Shapes: Discord docs, *Guild*, *Channel*, *Message*. */
export const guildRoutes: readonly Route[] = [
  { method: 'GET', path: '/users/@me/guilds', handle: ownGuilds },
  { method: 'GET', path: '/users/:user', handle: user },
  { method: 'GET', path: '/guilds/:guild', handle: guildField(restGuild) },
  { method: 'GET', path: '/guilds/:guild/channels', handle: guildField(visibleChannels) },
  { method: 'GET', path: '/guilds/:guild/roles', handle: guildField((guild) => guild['roles']) },
  { method: 'GET', path: '/guilds/:guild/emojis', handle: guildField((guild) => guild['emojis']) },
  { method: 'GET', path: '/guilds/:guild/members', handle: members },
  { method: 'GET', path: '/guilds/:guild/members/:user', handle: member },
  { method: 'GET', path: '/channels/:channel', handle: channel },
  { method: 'POST', path: '/channels/:channel/messages', handle: createMessage },
  { method: 'POST', path: '/channels/:channel/typing', handle: () => noContent },
  {
    method: 'PUT',
    path: '/channels/:channel/messages/:message/reactions/:emoji/@me',
    handle: () => noContent,
  },
]

const gatewayOnlyKeys: ReadonlySet<string> = new Set(
  `joined_at large unavailable voice_states members channels threads presences stage_instances
   guild_scheduled_events soundboard_sounds`.split(/\s+/),
)

function restGuild(guild: JsonObject): unknown {
  return Object.fromEntries(Object.entries(guild).filter(([key]) => !gatewayOnlyKeys.has(key)))
}

/** HTTP leaves channels out that the bot cannot view (docs PR #8454). */
function visibleChannels(guild: JsonObject, { bot }: RestRequest): unknown {
  const channels: readonly unknown[] = Array.isArray(guild['channels']) ? guild['channels'] : []
  return channels
    .filter((each) => !bot.hiddenChannelIds.has(stringField(each, 'id') ?? ''))
    .map((each) => ({ ...(isObject(each) && each), guild_id: guild['id'] }))
}

function guildField(pick: (guild: JsonObject, request: RestRequest) => unknown): Route['handle'] {
  return (request) => {
    const guild = guildOf(request)
    return guild === undefined ? unknownGuild : ok(pick(guild, request))
  }
}

function guildOf({ bot, params }: RestRequest): JsonObject | undefined {
  const id = params['guild'] ?? ''
  return bot.world.hasGuild(id) ? { ...bot.world.guildCreate(id) } : undefined
}

function ownGuilds({ bot }: RestRequest): RestResponse {
  return ok(bot.world.guildIds.slice(0, 200).map((id) => partialGuild({ ...bot.world.guildCreate(id) })))
}

function partialGuild({ id, name, icon }: JsonObject): unknown {
  return { id, name, icon: icon ?? null, owner: false, permissions: '2147483647', features: [] }
}

function members({ bot, params }: RestRequest): RestResponse {
  const id = params['guild'] ?? ''
  return bot.world.hasGuild(id) ? ok(bot.world.members(id).slice(0, 1000)) : unknownGuild
}

function member({ bot, params }: RestRequest): RestResponse {
  const id = params['guild'] ?? ''
  if (!bot.world.hasGuild(id)) return unknownGuild
  const wanted = params['user'] === '@me' ? bot.world.user.id : params['user']
  const found = bot.world.members(id).find((each) => each.user.id === wanted)
  return found === undefined ? unknownMember : ok(found)
}

function user({ bot, params }: RestRequest): RestResponse {
  if (params['user'] === bot.world.user.id) return ok(bot.world.user)
  for (const guildId of bot.world.guildIds.slice(0, 10)) {
    const found = bot.world.members(guildId).find((each) => each.user.id === params['user'])
    if (found !== undefined) return ok(found.user)
  }
  return unknownUser
}

function channel({ bot, params }: RestRequest): RestResponse {
  const id = params['channel'] ?? ''
  const guildId = bot.world.guildOfChannel(id)
  if (guildId === undefined) return unknownChannel
  if (bot.hiddenChannelIds.has(id)) return { status: 403, body: { message: 'Missing Access', code: 50_001 } }
  const found = bot.world.guildCreate(guildId).channels.find((each) => each.id === id)
  return found === undefined ? unknownChannel : ok({ ...found, guild_id: guildId })
}

/** The created message also comes back over the gateway, as MESSAGE_CREATE. */
function createMessage({ gateway, bot, params, body }: RestRequest): RestResponse {
  const id = params['channel'] ?? ''
  if (!bot.world.hasChannel(id)) return unknownChannel
  const content = stringField(body, 'content') ?? ''
  const nonce = isObject(body) ? body['nonce'] : undefined
  const message = {
    ...bot.world.message(id, { content, author: bot.world.user }),
    ...(nonce !== undefined && { nonce }),
  }
  gateway.deliver('MESSAGE_CREATE', message)
  const { guild_id: _guildId, member: _member, ...restMessage } = message as JsonObject
  return ok(restMessage)
}
