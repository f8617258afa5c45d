/** What a close code means for the session. */
export type CloseVerdict =
  /** Reconnecting is forbidden: somebody must change something first. */
  | 'fatal'
  /** Reconnect and resume. */
  | 'resume'
  /** The session is void: reconnect and identify. */
  | 'new-session'

export interface CloseCode {
  readonly code: number
  readonly name: string
  readonly verdict: CloseVerdict
  /** What to do about it, for an error message. */
  readonly advice: string
}

/**
 * Every close code that a bot can see (Discord docs, *Opcodes and Status Codes*; 1000, 1001 and 1006 from RFC 6455).
 * A resume is free and an identify is not, so a code resumes unless Discord says otherwise; a server that ends a
 * connection with 1000 or 1001 has not ended the session.
 */
export const closeCodes = [
  { code: 1000, name: 'normal closure', verdict: 'resume', advice: 'the shard resumes' },
  { code: 1001, name: 'going away', verdict: 'resume', advice: 'the shard resumes' },
  { code: 1006, name: 'abnormal closure', verdict: 'resume', advice: 'the shard resumes' },
  { code: 4000, name: 'unknown error', verdict: 'resume', advice: 'the shard resumes' },
  { code: 4001, name: 'unknown opcode', verdict: 'resume', advice: 'check the commands that you send' },
  { code: 4002, name: 'decode error', verdict: 'resume', advice: 'check the commands that you send' },
  { code: 4003, name: 'not authenticated', verdict: 'new-session', advice: 'the shard identifies again' },
  {
    code: 4004,
    name: 'authentication failed',
    verdict: 'fatal',
    advice: 'the token is not valid: take the current one from the developer portal',
  },
  { code: 4005, name: 'already authenticated', verdict: 'resume', advice: 'the shard resumes' },
  // Retired with v5, seen again in v6 when two sockets shared a session.
  {
    code: 4006,
    name: 'session no longer valid',
    verdict: 'new-session',
    advice: 'the shard identifies again',
  },
  { code: 4007, name: 'invalid sequence', verdict: 'new-session', advice: 'the shard identifies again' },
  { code: 4008, name: 'rate limited', verdict: 'resume', advice: 'send less; leave rateLimit switched on' },
  { code: 4009, name: 'session timed out', verdict: 'new-session', advice: 'the shard identifies again' },
  {
    code: 4010,
    name: 'invalid shard',
    verdict: 'fatal',
    advice: 'check shard id and count; large bots need a multiple of the count that Discord assigned',
  },
  {
    code: 4011,
    name: 'sharding required',
    verdict: 'fatal',
    advice:
      'a shard holds more than 2500 guilds: run more shards, at least as many as /gateway/bot recommends',
  },
  {
    code: 4012,
    name: 'invalid API version',
    verdict: 'fatal',
    advice: 'the server does not speak gateway version 10: update this library, or check the gateway URL',
  },
  {
    code: 4013,
    name: 'invalid intents',
    verdict: 'fatal',
    advice: 'intents holds bits that do not exist: combine values of Intents',
  },
  {
    code: 4014,
    name: 'disallowed intents',
    verdict: 'fatal',
    advice: 'enable the privileged intents that you ask for in the developer portal, or do not ask for them',
  },
] as const satisfies readonly CloseCode[]

const byCode: ReadonlyMap<number, CloseCode> = new Map(closeCodes.map((entry) => [entry.code, entry]))

/** What a close code means; one that nobody knows resumes. */
export function closeVerdict(code: number): CloseVerdict {
  return byCode.get(code)?.verdict ?? 'resume'
}

/** A close code in words: its name, what the server said, and what to do. */
export function closeCodeText(code: number, reason: string): string {
  const entry = byCode.get(code)
  const said = reason === '' ? '' : ` ${JSON.stringify(reason)}`
  return `the gateway closed with ${code} (${entry?.name ?? 'unknown code'})${said}: ${entry?.advice ?? 'the shard resumes'}`
}

/** Codes that we close with. Discord ends the session at 1000 and 1001 and keeps it at any other. */
export const ownCloseCodes = { end: 1000, resumable: 4900 } as const
