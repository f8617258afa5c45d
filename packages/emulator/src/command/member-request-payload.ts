import { isObject, isSnowflake } from '../json.ts'
import { Limit } from '../protocol/limit.ts'

/** A checked op 8. */
export interface MemberRequest {
  readonly guildId: string
  /** By prefix; `limit` 0 with an empty prefix is the full list. */
  readonly query?: { readonly prefix: string; readonly limit: number }
  readonly userIds?: readonly string[]
  readonly presences: boolean
  /** Undefined when absent or longer than 32 bytes: such a nonce is ignored. */
  readonly nonce: string | undefined
}

/** Checks the `d` of op 8; undefined when it is malformed. Source: Discord docs, Request Guild Members. */
export function parseMemberRequest(data: unknown): MemberRequest | undefined {
  if (!isObject(data)) return undefined
  const first: unknown = Array.isArray(data['guild_id']) ? data['guild_id'][0] : data['guild_id']
  const { query, limit, user_ids: userIds, presences = false, nonce } = data
  if (!isSnowflake(first) || typeof presences !== 'boolean') return undefined
  const common = {
    guildId: first,
    presences,
    nonce: typeof nonce === 'string' && Buffer.byteLength(nonce) <= Limit.nonceBytes ? nonce : undefined,
  }
  if (userIds !== undefined && userIds !== null) {
    const ids: readonly unknown[] = Array.isArray(userIds) ? userIds : [userIds]
    if (query !== undefined && query !== null && query !== '') return undefined
    if (!ids.every((id) => isSnowflake(id))) return undefined
    return { ...common, userIds: ids.slice(0, Limit.requestedMembers) }
  }
  if (typeof query !== 'string' || typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
    return undefined
  }
  if (limit === 0 && query !== '') return undefined
  return { ...common, query: { prefix: query, limit: Math.min(limit, Limit.requestedMembers) } }
}
