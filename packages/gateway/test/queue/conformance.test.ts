import { expect, test } from 'vitest'

import { unlimitedIdentifyQueue } from '../../src/queue/no-identify-queue.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { limitedQueueConformance, queueConformance } from './conformance.ts'
import { httpQueueWorld } from './http-queue-world.ts'

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
