import { expect, test } from 'vitest'

import { unlimitedIdentifyQueue } from '../../src/queue/no-identify-queue.ts'
import { settled } from '../support/virtual-clock.ts'
import { Claim, granted } from './claim.ts'

test('everybody is let through at once, whatever becomes of the others', async () => {
  const claims = [0, 0, 1, 16].map((id) => new Claim(unlimitedIdentifyQueue, id))
  await settled()
  expect(granted(claims)).toEqual([0, 0, 1, 16])
  claims[0]?.permit.spend()
  claims[1]?.permit.release()
  const later = new Claim(unlimitedIdentifyQueue, 0)
  await settled()
  expect(later.isGranted).toBe(true)
})

test('who comes with an aborted signal is refused, as by every queue', async () => {
  const reason = new Error('too late')
  await expect(unlimitedIdentifyQueue.acquire(3, AbortSignal.abort(reason))).rejects.toMatchObject({
    code: 'ABORTED',
    cause: reason,
    message: 'shard 3 no longer waits to identify',
  })
})
