import { expect, test } from 'vitest'

import { InMemoryIdentifyQueue } from '../../src/queue/in-memory-identify-queue.ts'
import { unlimitedIdentifyQueue } from '../../src/queue/no-identify-queue.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { limitedQueueConformance, queueConformance } from './conformance.ts'
import { httpQueueWorld } from './http-queue-world.ts'

const windowMs = 5_000

limitedQueueConformance('InMemoryIdentifyQueue', (maxConcurrency) => {
  const clock = new VirtualClock()
  const queue = new InMemoryIdentifyQueue({ maxConcurrency, windowMs, slackMs: 0, clock })
  return { queue, windowMs, advance: (ms) => clock.advance(ms) }
})

limitedQueueConformance('HttpIdentifyQueue over createQueueServer', httpQueueWorld)

test('unlimitedIdentifyQueue lets everybody go at once', async () => {
  const { signal } = new AbortController()
  const permits = Array.from({ length: 20 }, () => unlimitedIdentifyQueue.acquire(0, signal))
  expect(await Promise.all(permits)).toHaveLength(20)
})

queueConformance('unlimitedIdentifyQueue', () => {
  const clock = new VirtualClock()
  return { queue: unlimitedIdentifyQueue, windowMs: 0, advance: (ms) => clock.advance(ms) }
})
