import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ConnectError, DecodeError } from '../../src/errors.ts'
import { heartbeatMs, SessionHarness, storedSession } from './session-harness.ts'

/** Everything that the world may do to the machine, in any order, sensible or not. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat(1_000), fc.nat(120_000)),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: 'open' as const }) },
  { weight: 5, arbitrary: fc.constant({ do: 'hello' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'grant' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'ready' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'resumed' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('dispatch' as const), jump: fc.integer({ min: -3, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'ack' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('close' as const),
      code: fc.constantFrom(1000, 1001, 1006, 4000, 4003, 4007, 4008, 4009, 4999),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'peerCloses' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'connectFails' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'decodeFails' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'op1' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'op7' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('op9' as const), resumable: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      op: fc.constantFrom(3, 4, 8),
      times: fc.nat(60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), paused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'nonsense' as const }) },
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

interface Book {
  sequence: number
  sessions: number
  commands: number
  settled: number
}

function run(world: SessionHarness, action: Step, book: Book): void {
  const isOpen = world.socket === 'open' || world.socket === 'closing'
  switch (action.do) {
    case 'advance': {
      world.advance(action.ms)
      break
    }
    case 'open': {
      if (world.socket === 'connecting') world.open()
      break
    }
    case 'hello': {
      if (isOpen) world.hello()
      break
    }
    case 'grant': {
      if (world.isWaitingForPermit) world.grant()
      break
    }
    case 'ready': {
      if (!isOpen) break
      book.sessions += 1
      book.sequence = 1
      world.ready(1, String(book.sessions))
      break
    }
    case 'resumed': {
      if (isOpen) world.dispatch('RESUMED', (book.sequence += 1))
      break
    }
    case 'dispatch': {
      if (isOpen) world.dispatch('MESSAGE_CREATE', Math.max(0, (book.sequence += action.jump)))
      break
    }
    case 'ack': {
      if (isOpen) world.payload(11, null)
      break
    }
    case 'close': {
      if (isOpen) world.socketClosed(action.code)
      break
    }
    case 'peerCloses': {
      world.isPeerClosing = true
      break
    }
    case 'connectFails': {
      if (world.socket === 'connecting')
        world.socketClosed(1006, '', new ConnectError('CONNECT_FAILED', 'refused'))
      break
    }
    case 'decodeFails': {
      if (isOpen) world.socketClosed(1006, '', new DecodeError('DECODE_INFLATE', 'broken'))
      break
    }
    case 'op1':
    case 'op7': {
      if (isOpen) world.payload(action.do === 'op1' ? 1 : 7, null)
      break
    }
    case 'op9': {
      if (isOpen) world.payload(9, action.resumable)
      break
    }
    case 'command': {
      for (let count = 0; count < action.times; count += 1) command(world, action.op, book)
      break
    }
    case 'pause': {
      world.session.paused(action.paused)
      break
    }
    case 'restart': {
      world.session.restart()
      break
    }
    case 'nonsense': {
      if (isOpen) world.payload(10, null)
      break
    }
  }
}

function command(world: SessionHarness, op: number, book: Book): void {
  if (world.session.outbox.queue.size >= world.session.outbox.queue.limit) return
  book.commands += 1
  const settle = (): void => void (book.settled += 1)
  const text = JSON.stringify({ op, d: {} })
  world.session.outbox.queue.push({ op, payload: text, isPresence: op === 3, sent: settle, failed: settle })
  world.session.commandQueued()
}

/** The socket layer's promises: a socket that either side closes ends within the close deadline. */
function settleSocket(world: SessionHarness): void {
  if (world.socket === 'closing') world.socketClosed(1006)
  else if (world.socket === 'open' && world.isPeerClosing) world.socketClosed(1001)
}

function densest(times: readonly number[], windowMs: number): number {
  let most = 0
  let start = 0
  times.forEach((time, index) => {
    while (time - (times[start] ?? 0) >= windowMs) start += 1
    most = Math.max(most, index - start + 1)
  })
  return most
}

/** The sends of each connection: the budget starts afresh on each. */
function sendsByConnection(world: SessionHarness): number[][] {
  return world.connects.map(({ atMs }, index) => {
    const endMs = world.connects[index + 1]?.atMs ?? Infinity
    return world.sent
      .filter((payload) => payload.atMs >= atMs && payload.atMs < endMs)
      .map((payload) => payload.atMs)
  })
}

test('any sequence of inputs keeps the guarantees', () => {
  const steps = fc.array(fc.tuple(step, fc.boolean()), { minLength: 10, maxLength: 120 })
  fc.assert(
    fc.property(
      steps,
      fc.boolean(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (actions, resumes, random) => {
        const world = new SessionHarness()
        const book: Book = { sequence: 0, sessions: 0, commands: 0, settled: 0 }
        world.randomValue = random
        // The harness itself throws on a second socket, a second permit request or a permit used twice.
        world.session.start(resumes ? storedSession : undefined)
        for (const [action, settles] of actions) {
          run(world, action, book)
          if (settles) settleSocket(world)
        }
        // Whatever happened: with a well-behaved gateway from now on the shard is live again.
        for (let round = 0; round < 12 && world.session.phase !== 'live'; round += 1) {
          settleSocket(world)
          if (world.socket === 'none') world.advance(600_000)
          if (world.socket === 'connecting') world.open()
          world.hello()
          if (world.isWaitingForPermit) world.grant()
          if (world.session.phase === 'identifying') world.ready(1, 'last')
          else if (world.session.phase === 'resuming') world.dispatch('RESUMED', -1)
        }
        expect(world.session.phase).toBe('live')

        const identifies = world.sent.filter((payload) => payload.op === 2).length
        expect(world.permitsSpent).toBe(identifies)
        for (const times of sendsByConnection(world)) expect(densest(times, 60_000)).toBeLessThanOrEqual(120)
        const presences = world.sent.filter((payload) => payload.op === 3).map((payload) => payload.atMs)
        expect(densest(presences, 20_000)).toBeLessThanOrEqual(5)
        // Per session: sequences only rise.
        const highest = new Map<string, number>()
        for (const { sessionId, sequence, type } of world.delivered) {
          if (sequence <= 0 || type === 'RESUMED') continue
          expect(sequence).toBeGreaterThan(highest.get(sessionId) ?? 0)
          highest.set(sessionId, sequence)
        }
        // Stopped in any state, it ends, and every command is accounted for.
        world.session.stop('end')
        if (world.socket !== 'none') world.socketClosed(1006)
        expect(world.session.phase).toBe('stopped')
        expect(book.settled).toBe(book.commands)
        expect(world.isWaitingForPermit).toBe(false)
      },
    ),
    { numRuns: 1_500 },
  )
})

test('stopping from within any output ends in stopped', () => {
  const outputs = [
    'connect',
    'send',
    'deliver',
    'requestIdentify',
    'SHARD_CONNECTING',
    'SHARD_IDENTIFYING',
    'SHARD_RESUMING',
    'SHARD_CONNECTED',
    'SHARD_DISCONNECTED',
    'SHARD_RECONNECTING',
  ]
  for (const output of outputs) {
    const world = new SessionHarness()
    let isStopping = false
    world.onOutput = (seen) => {
      if (seen !== output || isStopping) return
      isStopping = true
      world.session.stop('end')
    }
    world.session.start()
    for (let round = 0; round < 3 && world.session.phase !== 'stopped'; round += 1) {
      if (world.socket === 'connecting') world.open()
      if (world.socket === 'open') world.hello()
      if (world.isWaitingForPermit) world.grant()
      if (world.session.phase === 'identifying') world.ready()
      if (world.socket !== 'none') world.socketClosed(1006)
      world.advance(heartbeatMs * 20)
    }
    if (world.socket !== 'none') world.socketClosed(1006)
    expect([output, world.session.phase]).toEqual([output, 'stopped'])
  }
})
