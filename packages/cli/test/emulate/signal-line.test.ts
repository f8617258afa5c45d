import { beforeAll, expect, test, vi } from 'vitest'

import { signalLine } from '../../src/emulate/signal-line.ts'

beforeAll(() => {
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', '1')
})

const now = new Date(2026, 0, 15, 9, 5, 3)

test('what clients do, in words', () => {
  const identify = { connection: 7, bot: 0, shard: [1, 4], intents: 513, atMs: 0 } as const
  const resume = { connection: 8, sessionId: 'a', sequence: 12, atMs: 0 }
  const lines = [
    signalLine('identify', { ...identify, outcome: 'ready' }, now),
    signalLine('identify', { ...identify, outcome: 'token' }, now),
    signalLine('resume', { ...resume, outcome: 'resumed', replayed: 1 }, now),
    signalLine('resume', { ...resume, outcome: 'unknown session', replayed: 0 }, now),
  ]
  expect(lines).toEqual([
    '09:05:03 identify     socket 7 as shard 1 of 4, intents 513: ready',
    '09:05:03 identify     socket 7 as shard 1 of 4, intents 513: refused (token)',
    '09:05:03 resume       socket 8 after event 12: resumed, 1 event replayed',
    '09:05:03 resume       socket 8 after event 12: refused (unknown session)',
  ])
})

test('what a client sent cannot steer the terminal', () => {
  const violation = {
    rule: 'query',
    message: '/?v=\u001b[2J',
    connection: null,
    shard: null,
    atMs: 0,
  } as const
  expect(signalLine('violation', violation, now)).toBe('09:05:03 violation    query: /?v= [2J (no socket)')
})
