import { isObject } from '../json.ts'
import { noContent, ok } from './route.ts'
import type { RestRequest, RestResponse, Route } from './route.ts'

/** The bot's user, its application and its commands. Shapes: Discord docs, *User*, *Application*, *Commands*. */
export const applicationRoutes: readonly Route[] = [
  { method: 'GET', path: '/users/@me', handle: ({ bot }) => ok(bot.world.user) },
  { method: 'PATCH', path: '/users/@me', handle: ({ bot }) => ok(bot.world.user) },
  { method: 'GET', path: '/oauth2/applications/@me', handle: application },
  { method: 'GET', path: '/applications/@me', handle: application },
  { method: 'GET', path: '/applications/:application/commands', handle: () => ok([]) },
  { method: 'PUT', path: '/applications/:application/commands', handle: putCommands },
  { method: 'POST', path: '/applications/:application/commands', handle: postCommand },
  { method: 'GET', path: '/applications/:application/guilds/:guild/commands', handle: () => ok([]) },
  { method: 'PUT', path: '/applications/:application/guilds/:guild/commands', handle: putCommands },
  { method: 'POST', path: '/applications/:application/guilds/:guild/commands', handle: postCommand },
  { method: 'POST', path: '/interactions/:interaction/:token/callback', handle: () => noContent },
]

function application({ bot }: RestRequest): RestResponse {
  const { application: app, user } = bot.world
  return ok({
    ...app,
    name: user.username,
    icon: null,
    description: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    team: null,
    owner: user,
    bot: user,
    approximate_guild_count: bot.world.guildIds.length,
  })
}

function putCommands({ gateway, params, body }: RestRequest): RestResponse {
  const commands: readonly unknown[] = Array.isArray(body) ? body : []
  return ok(commands.map((command) => created(command, params, gateway.settings.clock.now())))
}

function postCommand({ gateway, params, body }: RestRequest): RestResponse {
  return { status: 201, body: created(body, params, gateway.settings.clock.now()) }
}

let commandCount = 0

function created(command: unknown, params: RestRequest['params'], now: number): unknown {
  const id = String((BigInt(Math.floor(now)) << 22n) + BigInt(++commandCount))
  return {
    type: 1,
    description: '',
    ...(isObject(command) && command),
    id,
    version: id,
    application_id: params['application'],
    ...(params['guild'] !== undefined && { guild_id: params['guild'] }),
    default_member_permissions: null,
    nsfw: false,
  }
}
