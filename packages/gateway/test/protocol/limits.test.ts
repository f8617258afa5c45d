import { expect, test } from 'vitest'

import { limits } from '../../src/protocol/limits.ts'

// Discord docs, *Gateway* (rate limiting, payloads, identifying) and *Gateway Events* (Identify, Request Guild Members).
test('the limits are the documented ones', () => {
  expect(limits).toEqual({
    sends: { count: 120, windowMs: 60_000 },
    presences: { count: 5, windowMs: 20_000 },
    identifyWindowMs: 5_000,
    payloadBytes: 4_096,
    largeThreshold: { min: 50, max: 250 },
    nonceBytes: 32,
    requestedUsers: 100,
  })
})
