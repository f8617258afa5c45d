import type { GatewaySession } from '../session/gateway-session.ts'

/** The key of a shard's session. */
export function sessionKey(shardId: number, shardCount: number): string {
  return `${shardId}/${shardCount}`
}

/** The fields of a session and no others: whatever else an object carries is not stored. */
export function plainSession(session: GatewaySession): GatewaySession {
  const { sessionId, sequence, resumeUrl, shardId, shardCount } = session
  return { sessionId, sequence, ...(resumeUrl === undefined ? {} : { resumeUrl }), shardId, shardCount }
}

/** A session out of something that was stored, or `undefined` if it is none. */
export function readSession(value: unknown): GatewaySession | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { sessionId, sequence, resumeUrl, shardId, shardCount } = value as Record<string, unknown>
  if (typeof sessionId !== 'string' || sessionId === '') return undefined
  if (resumeUrl !== undefined && typeof resumeUrl !== 'string') return undefined
  if (!isCount(sequence) || !isCount(shardId) || !isCount(shardCount) || shardId >= shardCount)
    return undefined
  return plainSession({ sessionId, sequence, resumeUrl, shardId, shardCount })
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
