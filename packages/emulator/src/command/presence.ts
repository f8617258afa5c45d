import type { Gateway } from '../gateway.ts'
import { OutboundEvent } from '../dispatch/outbound-event.ts'
import { isObject } from '../json.ts'
import type { JsonObject } from '../json.ts'
import { CloseCode } from '../protocol/close-code.ts'
import type { Session } from '../session/session.ts'
import { rejectPayload } from './command.ts'
import type { CommandHandler } from './command.ts'
import { presenceProblem } from './presence-payload.ts'

/** Op 3: no echo to the bot itself, PRESENCE_UPDATE to others that share a guild (rules E30, E32). */
export const presenceUpdate: CommandHandler = (gateway, connection, data) => {
  const problem = presenceProblem(data)
  if (problem !== undefined || !isObject(data)) {
    rejectPayload(gateway, connection, problem ?? 'presence is not an object')
    return
  }
  if (!connection.presences.admit(gateway.settings.clock.now())) {
    gateway.violation('presence-rate', 'more than 5 presences in 20 s', connection)
    if (gateway.settings.switches.presenceExcess === 'close-4008') connection.close(CloseCode.RateLimited)
    return
  }
  if (connection.session !== undefined) broadcastPresence(gateway, connection.session, data)
}

/** Tells the other bots in the shard's guilds. */
export function broadcastPresence(gateway: Gateway, session: Session, presence: JsonObject): void {
  const others = gateway.bots.filter((bot) => bot !== session.bot)
  if (others.length === 0) return
  const status = presence['status'] === 'invisible' ? 'offline' : presence['status']
  for (const guildId of session.bot.world.guildIds) {
    const event = new OutboundEvent('PRESENCE_UPDATE', {
      user: { id: session.view.selfId },
      guild_id: guildId,
      status,
      activities: presence['activities'],
      client_status: status === 'offline' ? {} : { web: status },
    })
    if (event.shard(session.shardCount) !== session.shardId) continue
    for (const bot of others) {
      if (bot.world.hasGuild(guildId)) gateway.dispatch(event, { bot: bot.index })
    }
  }
}
