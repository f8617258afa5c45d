/** Limits of the gateway (Discord docs, *Gateway* and *Gateway Events*). */
export const limits = {
  /** Payloads of any kind that a connection may send in any 60 s; more closes it with 4008. */
  sends: { count: 120, windowMs: 60_000 },
  /** Presence updates in any 20 s. */
  presences: { count: 5, windowMs: 20_000 },
  /** Identifies of one `max_concurrency` lane: one in any 5 s. */
  identifyWindowMs: 5_000,
  /** Serialised size of a payload that we send; a larger one closes the connection with 4002. */
  payloadBytes: 4096,
  /** Values of `large_threshold`. */
  largeThreshold: { min: 50, max: 250 },
  /** UTF-8 length of a `nonce` in a member request; Discord ignores a longer one. */
  nonceBytes: 32,
  /** `user_ids` in a member request. */
  requestedUsers: 100,
} as const
