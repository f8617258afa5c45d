import type { APIGuildMember } from 'discord-api-types/v10'

import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { stringField } from '../json.ts'
import { Intent } from '../protocol/intent.ts'
import { Limit } from '../protocol/limit.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { Session } from '../session/session.ts'
import { rejectMalformed } from './command.ts'
import type { CommandHandler } from './command.ts'
import { parseMemberRequest } from './member-request-payload.ts'
import type { MemberRequest } from './member-request-payload.ts'

/** Op 8: chunks, silence or RATE_LIMITED (rule E31). Source: Discord docs, Request Guild Members. */
export const memberRequest: CommandHandler = (gateway, connection, data) => {
  const request = parseMemberRequest(data)
  if (request === undefined) {
    rejectMalformed(gateway, connection, 'op 8 needs guild_id and either query with limit, or user_ids')
    return
  }
  const { session } = connection
  if (session === undefined || !session.bot.world.hasGuild(request.guildId)) return
  const full = request.query?.limit === 0
  if (full && (session.view.intents & Intent.GuildMembers) === 0) return
  if (full && limited(gateway, connection, session, request)) return
  const all = session.bot.world.members(request.guildId)
  if (request.userIds === undefined) {
    sendChunks(session, request, full ? all : byPrefix(all, request))
    return
  }
  const wanted = new Set(request.userIds)
  const found = all.filter((member) => wanted.has(member.user.id))
  for (const member of found) wanted.delete(member.user.id)
  sendChunks(session, request, found, [...wanted])
}

/** One full list a guild and 30 s; the next gets RATE_LIMITED with the seconds that are left. */
function limited(
  gateway: Gateway,
  connection: Connection,
  session: Session,
  request: MemberRequest,
): boolean {
  const now = gateway.settings.clock.now()
  const scope = gateway.settings.switches.memberListScope === 'bot' ? 'bot' : session.id
  const key = `${scope}:${request.guildId}`
  const times = session.bot.memberListTimes
  const last = times.get(key)
  if (last === undefined || now - last >= Limit.memberListWindowMs) {
    times.set(key, now)
    return false
  }
  gateway.violation('member-list-rate', `second full list of guild ${request.guildId} in 30 s`, connection)
  const { guildId, nonce } = request
  session.send('RATE_LIMITED', {
    opcode: Opcode.RequestGuildMembers,
    retry_after: Math.ceil(last + Limit.memberListWindowMs - now) / 1000,
    meta: { guild_id: guildId, ...(nonce !== undefined && { nonce }) },
  })
  return true
}

function byPrefix(members: readonly APIGuildMember[], { query }: MemberRequest): readonly APIGuildMember[] {
  if (query === undefined) return []
  const prefix = query.prefix.toLowerCase()
  return members
    .filter(({ user, nick }) => {
      return [user.username, user.global_name, nick].some((name) => name?.toLowerCase().startsWith(prefix))
    })
    .slice(0, query.limit)
}

function sendChunks(
  session: Session,
  request: MemberRequest,
  members: readonly APIGuildMember[],
  notFound?: readonly string[],
): void {
  const { guildId, nonce } = request
  const chunkCount = Math.max(1, Math.ceil(members.length / Limit.chunkMembers))
  const withPresences = request.presences && (session.view.intents & Intent.GuildPresences) !== 0
  const presences = withPresences ? session.bot.world.presences(guildId) : []
  for (let index = 0; index < chunkCount; index++) {
    const chunk = members.slice(index * Limit.chunkMembers, (index + 1) * Limit.chunkMembers)
    const ids = new Set(chunk.map((member) => member.user.id))
    session.send('GUILD_MEMBERS_CHUNK', {
      guild_id: guildId,
      members: chunk,
      chunk_index: index,
      chunk_count: chunkCount,
      ...(notFound !== undefined && { not_found: notFound }),
      ...(withPresences && {
        presences: presences.filter((presence) => ids.has(stringField(presence.user, 'id') ?? '')),
      }),
      ...(nonce !== undefined && { nonce }),
    })
  }
}
