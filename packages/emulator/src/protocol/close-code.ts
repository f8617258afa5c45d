/**
 * Close codes that the server side sends. Source: Discord docs, *Opcodes and Status Codes*; the reasons of
 * 4001–4004, 4008, 4012 and 4014 were seen on the wire, the others repeat the documented name.
 */
export const CloseCode = {
  UnknownError: 4000,
  UnknownOpcode: 4001,
  DecodeError: 4002,
  NotAuthenticated: 4003,
  AuthenticationFailed: 4004,
  AlreadyAuthenticated: 4005,
  InvalidSeq: 4007,
  RateLimited: 4008,
  SessionTimedOut: 4009,
  InvalidShard: 4010,
  ShardingRequired: 4011,
  InvalidApiVersion: 4012,
  InvalidIntents: 4013,
  DisallowedIntents: 4014,
} as const

/** One of the values of {@link CloseCode}. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/** The close frame's reason text for a code; codes without an entry close without a reason. */
export const closeReasons: Readonly<Record<number, string>> = {
  4000: 'Unknown error.',
  4001: 'Unknown opcode.',
  4002: 'Error while decoding payload.',
  4003: 'Not authenticated.',
  4004: 'Authentication failed.',
  4005: 'Already authenticated.',
  4007: 'Invalid seq.',
  4008: 'Rate limited.',
  4009: 'Session timed out.',
  4010: 'Invalid shard.',
  4011: 'Sharding required.',
  4012: 'Requested gateway version is no longer supported or invalid',
  4013: 'Invalid intent(s).',
  4014: 'Disallowed intent(s).',
}

/** What Discord writes into the close frame that follows an op 7 (seen on the wire). */
export const reconnectClose = {
  code: 1001,
  reason: 'Discord WebSocket requesting client reconnect.',
} as const

/** Client close codes that end a session; every other code, and a bare TCP drop, keep it. Docs: *Gateway*. */
export const sessionEndingCodes: ReadonlySet<number> = new Set([1000, 1001])
