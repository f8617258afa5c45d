import { beforeEach, describe, expect, test } from 'vitest'

import { GatewayError } from '../../src/errors.ts'
import { Claim, granted } from './claim.ts'
import { limitedQueueConformance, type QueueFactory, type QueueUnderTest } from './conformance.ts'

/** What holds beside for a queue whose permits can be held for as long as it takes, and given back. */
export function returningQueueConformance(name: string, create: QueueFactory): void {
  limitedQueueConformance(name, create)

  describe(`${name}, as every queue that takes permits back`, () => {
    describe('with one lane', () => {
      let world: QueueUnderTest
      const claim = (shardId: number): Claim => new Claim(world.queue, shardId)
      const now = (): Promise<void> => world.advance(0)

      beforeEach(async () => {
        world = await create(1)
      })

      test('while a permit is out nobody gets another, however long it takes', async () => {
        const claims = [claim(0), claim(1), claim(2)]
        await now()
        expect(granted(claims)).toEqual([0])
        await world.advance(20 * world.windowMs)
        expect(granted(claims)).toEqual([0])
      })

      test('the window runs from the spending, not from the grant', async () => {
        const claims = [claim(0), claim(1)]
        await world.advance(3 * world.windowMs)
        claims[0]?.permit.spend()
        await world.advance(world.windowMs - 1)
        expect(granted(claims)).toEqual([0])
        await world.advance(1)
        expect(granted(claims)).toEqual([0, 1])
      })

      test('the window holds for those who come after the spending', async () => {
        const first = claim(0)
        await now()
        first.permit.spend()
        await world.advance(world.windowMs - 1)
        const second = claim(1)
        await now()
        expect(second.isGranted).toBe(false)
        await world.advance(1)
        expect(second.isGranted).toBe(true)
      })

      test('a lane that was idle for longer than a window grants at once, and only one', async () => {
        const first = claim(0)
        await now()
        first.permit.spend()
        await world.advance(10 * world.windowMs)
        const claims = [claim(1), claim(2)]
        await now()
        expect(granted(claims)).toEqual([1])
      })

      test('a released permit goes to the next at once', async () => {
        const claims = [claim(0), claim(1)]
        await now()
        claims[0]?.permit.release()
        await now()
        expect(granted(claims)).toEqual([0, 1])
      })

      test('who gives up is told so with ABORTED and the reason, and costs the others nothing', async () => {
        const [first, second, third] = [claim(0), claim(1), claim(2)]
        await now()
        const reason = new Error('the socket is gone')
        second.abort(reason)
        await now()
        expect(GatewayError.isGatewayError(second.error)).toBe(true)
        expect(second.error).toMatchObject({ code: 'ABORTED', cause: reason })
        first.permit.spend()
        await world.advance(world.windowMs)
        expect(third.isGranted).toBe(true)
      })

      test('an abort after the grant changes nothing: the permit must still be settled', async () => {
        const [first, second] = [claim(0), claim(1)]
        await now()
        first.abort()
        await world.advance(2 * world.windowMs)
        expect(first.error).toBeUndefined()
        expect(second.isGranted).toBe(false)
        first.permit.release()
        await now()
        expect(second.isGranted).toBe(true)
      })

      test('an abort in the moment of the grant leaves either a permit or an error, never both or none', async () => {
        const first = claim(0)
        first.abort()
        const second = claim(1)
        await now()
        expect(first.isGranted).toBe(first.error === undefined)
        if (first.isGranted) first.permit.release()
        await now()
        expect(second.isGranted).toBe(true)
      })

      test.each([
        ['spent, then released', (claimed: Claim) => [claimed.permit.spend(), claimed.permit.release()]],
        ['spent twice', (claimed: Claim) => [claimed.permit.spend(), claimed.permit.spend()]],
      ])('%s: the first counts', async (_, settle) => {
        const claims = [claim(0), claim(1), claim(2)]
        await now()
        if (claims[0]) settle(claims[0])
        await world.advance(world.windowMs - 1)
        expect(granted(claims)).toEqual([0])
        await world.advance(1)
        expect(granted(claims)).toEqual([0, 1])
      })

      test.each([
        ['released, then spent', (claimed: Claim) => [claimed.permit.release(), claimed.permit.spend()]],
        ['released twice', (claimed: Claim) => [claimed.permit.release(), claimed.permit.release()]],
      ])('%s: the first counts', async (_, settle) => {
        const claims = [claim(0), claim(1), claim(2)]
        await now()
        if (claims[0]) settle(claims[0])
        await now()
        expect(granted(claims)).toEqual([0, 1])
        claims[1]?.permit.release()
        await now()
        expect(granted(claims)).toEqual([0, 1, 2])
      })

      test('spending late again does not move the window of the next one', async () => {
        const claims = [claim(0), claim(1), claim(2)]
        await now()
        claims[0]?.permit.spend()
        await world.advance(world.windowMs)
        claims[1]?.permit.spend()
        await world.advance(world.windowMs / 2)
        claims[0]?.permit.spend()
        claims[0]?.permit.release()
        await world.advance(world.windowMs / 2 - 1)
        expect(granted(claims)).toEqual([0, 1])
        await world.advance(1)
        expect(granted(claims)).toEqual([0, 1, 2])
      })

      test('a shard that comes again stands at the end', async () => {
        const first = claim(0)
        const second = claim(1)
        await now()
        first.permit.spend()
        const again = claim(0)
        await world.advance(world.windowMs)
        expect(granted([second, again])).toEqual([1])
        second.permit.release()
        await now()
        expect(again.isGranted).toBe(true)
      })
    })

    describe('with four lanes', () => {
      let world: QueueUnderTest
      const claimAll = (ids: readonly number[]): Claim[] => ids.map((id) => new Claim(world.queue, id))

      beforeEach(async () => {
        world = await create(4)
      })

      test('shards of different lanes go together, those of one lane after each other', async () => {
        const claims = claimAll([0, 1, 2, 3, 4, 5, 6, 7, 8])
        await world.advance(0)
        expect(granted(claims)).toEqual([0, 1, 2, 3])
        for (const each of claims.slice(0, 4)) each.permit.spend()
        await world.advance(world.windowMs)
        expect(granted(claims)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      })

      test('a lane is the id modulo the lanes, whatever the order', async () => {
        const claims = claimAll([7, 3, 11, 6, 2, 400])
        await world.advance(0)
        expect(granted(claims)).toEqual([7, 6, 400])
      })

      test('what happens in one lane is nothing to another', async () => {
        const [held, spent, waits, free] = claimAll([0, 1, 4, 5])
        await world.advance(0)
        spent?.permit.spend()
        await world.advance(world.windowMs)
        expect(held?.isGranted).toBe(true)
        expect(waits?.isGranted).toBe(false)
        expect(free?.isGranted).toBe(true)
      })

      test('forty shards take as many windows as the fullest lane has shards, less one', async () => {
        const order: number[] = []
        for (let id = 0; id < 40; id += 1) {
          const each: Claim = new Claim(world.queue, id, () => {
            order.push(id)
            each.permit.spend()
          })
        }
        await world.advance(9 * world.windowMs - 1)
        expect(order).toHaveLength(36)
        await world.advance(1)
        // Groups go in order: ids 0 to 3, then 4 to 7, and so on; within a group the order is free.
        const groups = order.map((id) => Math.floor(id / 4))
        expect(groups).toEqual(Array.from({ length: 40 }, (_, index) => Math.floor(index / 4)))
      })
    })
  })
}
