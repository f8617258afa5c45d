import type { GatewayGuildMembersChunkDispatchData } from 'discord-api-types/v10'

import type { Clock } from '../../clock.ts'
import { CommandError, GatewayError } from '../../errors.ts'
import { Intents } from '../../protocol/intents.ts'
import { limits } from '../../protocol/limits.ts'
import { Opcode } from '../../protocol/opcodes.ts'
import type { GatewayEvent } from '../event.ts'
import type { ShardRunner } from '../shard-runner.ts'
import { patienceMs, ReplyStream, sendRequest } from './reply-stream.ts'
import { defaultReplyTimeoutMs, type RequestOptions } from './request-options.ts'

/** Which members of a guild to ask for (Discord docs, *Gateway Events*, Request Guild Members). */
export interface MemberRequest {
  readonly guildId: string
  /** The beginning of names; empty, the default without `userIds`, stands for everybody. */
  readonly query?: string
  /** Most members; 0 is all, with an empty query only. Default 0 for an empty query, else 100. */
  readonly limit?: number
  /** Ids of users instead of a query, 100 at most. */
  readonly userIds?: readonly string[]
  /** Whether presences are wanted; needs `GuildPresences`. Default false. */
  readonly presences?: boolean
}

/** How to wait for members. */
export interface MemberRequestOptions extends RequestOptions {
  /**
   * Discord lets a bot list all members of a guild once in 30 s. `wait` asks again when it may, `reject` throws
   * REQUEST_RATE_LIMITED with `retryAfterMs`. Default `wait`.
   */
  readonly onRateLimited?: 'wait' | 'reject'
}

/** One GUILD_MEMBERS_CHUNK. */
export type MemberChunk = GatewayGuildMembersChunkDispatchData

let requests = 0

/**
 * Asks for members; nothing is sent before the first chunk is asked for. A resume brings chunks that were under way; in a
 * new session the request is made again from the start, so that members may come twice.
 * @throws CommandError COMMAND_INVALID
 */
export function requestMembers(
  runner: ShardRunner,
  { clock, intents }: { readonly clock: Clock; readonly intents: number },
  request: MemberRequest,
  options: MemberRequestOptions = {},
): AsyncIterableIterator<MemberChunk, undefined> {
  const d = memberCommand(request, intents)
  const { guildId } = request
  const { onRateLimited = 'wait', timeoutMs = defaultReplyTimeoutMs, signal } = options
  let nonce = ''
  let received = new Set<number>()
  let retry: unknown

  const send = (): void => {
    // Unique, and far below 32 bytes: Discord ignores a longer one.
    requests += 1
    nonce = `twilight-${requests.toString(36)}`
    received = new Set()
    sendRequest(runner, { op: Opcode.RequestGuildMembers, d: { ...d, nonce } }, stream)
  }
  const saw = (event: GatewayEvent): void => {
    if (event.type === 'GUILD_MEMBERS_CHUNK' && event.data.nonce === nonce) {
      const { chunk_index: index, chunk_count: count } = event.data
      // A replay may bring one again.
      if (received.has(index)) return
      received.add(index)
      stream.push(event.data)
      if (received.size >= count) stream.finish()
    } else if (event.type === 'RATE_LIMITED' && isOurs(event.data, nonce, guildId)) {
      limited(event.data.retry_after * 1_000)
    } else if (event.type === 'SHARD_DISCONNECTED') {
      stream.restartDeadline(patienceMs)
    } else if (event.type === 'SHARD_CONNECTED') {
      stream.restartDeadline(0)
      if (!event.data.resumed) send()
    }
  }
  const limited = (retryAfterMs: number): void => {
    if (onRateLimited === 'wait') {
      stream.restartDeadline(retryAfterMs)
      clock.clearTimeout(retry)
      retry = clock.setTimeout(send, retryAfterMs)
      return
    }
    const text = `Discord lists the members of guild ${guildId} again in ${Math.ceil(retryAfterMs / 1_000)} s`
    stream.fail(new GatewayError('REQUEST_RATE_LIMITED', text, { context: { guildId, retryAfterMs } }))
  }
  const stream = new ReplyStream<MemberChunk>({
    runner,
    clock,
    timeoutMs,
    signal,
    what: `the request for members of guild ${guildId}`,
    types: ['GUILD_MEMBERS_CHUNK', 'RATE_LIMITED', 'SHARD_DISCONNECTED', 'SHARD_CONNECTED'],
    saw,
    begin: send,
    ended: () => clock.clearTimeout(retry),
  })
  return stream
}

/** The data of an op 8, without its nonce; what Discord would leave unanswered, or punish, is refused. */
function memberCommand(request: MemberRequest, intents: number) {
  const { guildId, userIds, presences = false } = request
  if (!/^\d{1,20}$/.test(guildId))
    throw invalid(`guildId must be a snowflake, got ${JSON.stringify(guildId)}`)
  if (presences && (intents & Intents.GuildPresences) === 0) {
    throw invalid('presences need Intents.GuildPresences')
  }
  const common = { guild_id: guildId, ...(presences ? { presences } : {}) }
  if (userIds !== undefined) {
    if (request.query !== undefined) throw invalid('give query or userIds, not both')
    if (userIds.length === 0 || userIds.length > limits.requestedUsers) {
      throw invalid(`userIds must hold 1 to ${limits.requestedUsers} ids, got ${userIds.length}`)
    }
    return { ...common, user_ids: [...userIds] }
  }
  const { query = '' } = request
  const { limit = query === '' ? 0 : limits.requestedUsers } = request
  const isAll = query === '' && limit === 0
  if (isAll && (intents & Intents.GuildMembers) === 0) {
    throw invalid('all members need Intents.GuildMembers: without it Discord does not answer')
  }
  if (!Number.isInteger(limit) || limit < 0 || (!isAll && (limit === 0 || limit > limits.requestedUsers))) {
    throw invalid(`limit must be 1 to ${limits.requestedUsers}, or 0 with an empty query, got ${limit}`)
  }
  return { ...common, query, limit }
}

function isOurs(
  data: { readonly opcode: number; readonly meta: { readonly nonce?: string; readonly guild_id?: string } },
  nonce: string,
  guildId: string,
): boolean {
  if (data.opcode !== Opcode.RequestGuildMembers) return false
  return data.meta.nonce === undefined ? data.meta.guild_id === guildId : data.meta.nonce === nonce
}

function invalid(problem: string): CommandError {
  return new CommandError('COMMAND_INVALID', `the request for members cannot be made: ${problem}`)
}
