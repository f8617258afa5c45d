import { beforeEach, describe, expect, test } from 'vitest'

import type { IdentifyPermit, IdentifyQueue } from '../../src/queue/identify-queue.ts'

/** A queue in its world, with nobody waiting and a budget of at least a hundred starts. */
export interface QueueUnderTest {
  readonly queue: IdentifyQueue
  /** From a spent permit to the next one of the same lane; 0 if the queue limits nobody. */
  readonly windowMs: number
  /** Lets time pass, or waits for it to pass, and then for all that follows. */
  readonly advance: (ms: number) => Promise<void>
}

/** Makes a queue with so many lanes. */
export type QueueFactory = (maxConcurrency: number) => QueueUnderTest | Promise<QueueUnderTest>

/** A place in a queue, and how often it was answered. */
class Place {
  readonly shardId: number
  readonly #controller = new AbortController()
  answers = 0
  permit: IdentifyPermit | undefined
  error: unknown

  constructor(queue: IdentifyQueue, shardId: number, granted: (shardId: number) => unknown) {
    this.shardId = shardId
    queue
      .acquire(shardId, this.#controller.signal)
      .then(
        (permit) => {
          this.permit = permit
          permit.spend()
          return granted(shardId)
        },
        (error: unknown) => {
          this.error = error
        },
      )
      .finally(() => (this.answers += 1))
      .catch(() => undefined)
  }

  leave(reason?: unknown): void {
    this.#controller.abort(reason)
  }
}

/** A queue, those who come to it, and the order in which they are let go. */
class Crowd {
  readonly world: QueueUnderTest
  readonly order: number[] = []

  constructor(world: QueueUnderTest) {
    this.world = world
  }

  /** One after the other: over a network the order of those who come together is anybody's. */
  async come(...shardIds: number[]): Promise<Place[]> {
    const places: Place[] = []
    for (const shardId of shardIds) {
      places.push(new Place(this.world.queue, shardId, (id) => this.order.push(id)))
      await this.world.advance(0)
    }
    return places
  }

  async windows(count: number, lessMs = 0): Promise<void> {
    await this.world.advance(count * this.world.windowMs - lessMs)
  }
}

function served(places: readonly Place[]): number[] {
  return places.filter(({ permit }) => permit !== undefined).map(({ shardId }) => shardId)
}

/**
 * What holds for every identify queue, also one whose permits cannot be given back: each permit here is spent as soon
 * as it is granted.
 */
export function queueConformance(name: string, create: QueueFactory): void {
  describe(`${name}, as every identify queue`, () => {
    let crowd: Crowd

    beforeEach(async () => {
      crowd = new Crowd(await create(2))
    })

    test('the first shard may go at once', async () => {
      expect(served(await crowd.come(5))).toEqual([5])
    })

    test('every place is answered exactly once, and its permit settles without complaint, however often', async () => {
      const places = await crowd.come(0, 1, 2, 3)
      await crowd.windows(2)
      for (const { permit } of places) {
        permit?.spend()
        permit?.release()
      }
      places[0]?.leave()
      await crowd.windows(2)
      expect(places.map(({ answers, error }) => [answers, error])).toEqual(places.map(() => [1, undefined]))
    })

    test('who comes with an aborted signal takes no place', async () => {
      const early = crowd.world.queue.acquire(0, AbortSignal.abort(new Error('too late')))
      await expect(early).rejects.toMatchObject({ code: 'ABORTED' })
      expect(served(await crowd.come(0))).toEqual([0])
    })
  })
}

/** What holds beside for a queue that keeps Discord's limits. */
export function limitedQueueConformance(name: string, create: QueueFactory): void {
  queueConformance(name, create)

  describe(`${name}, as every queue with limits`, () => {
    let crowd: Crowd

    beforeEach(async () => {
      crowd = new Crowd(await create(2))
    })

    test('shards of one lane go one after the other, those of another lane meanwhile', async () => {
      const places = await crowd.come(0, 2, 4, 1)
      expect(served(places)).toEqual([0, 1])
      await crowd.windows(1)
      expect(served(places)).toEqual([0, 2, 1])
      await crowd.windows(1)
      expect(served(places)).toEqual([0, 2, 4, 1])
    })

    test('nobody goes before the window is over', async () => {
      const places = await crowd.come(0, 2)
      await crowd.windows(1, 1)
      expect(served(places)).toEqual([0])
      await crowd.world.advance(1)
      expect(served(places)).toEqual([0, 2])
    })

    test('first come, first served, whatever the ids', async () => {
      await crowd.come(8, 4, 6, 4, 0)
      await crowd.windows(4)
      expect(crowd.order).toEqual([8, 4, 6, 4, 0])
    })

    test('who gives up is told so at once, and costs the others nothing', async () => {
      const [first, second, third] = await crowd.come(0, 2, 4)
      second?.leave(new Error('the socket is gone'))
      await crowd.windows(0)
      expect(second).toMatchObject({ answers: 1, permit: undefined, error: { code: 'ABORTED' } })
      await crowd.windows(1)
      expect([first?.answers, third?.answers]).toEqual([1, 1])
    })

    test('a whole line that gives up leaves the queue as it was', async () => {
      const [, ...line] = await crowd.come(0, 2, 4, 6, 8)
      for (const place of line) place.leave()
      await crowd.windows(0)
      const errors = line.map(({ error }) => error)
      expect(errors).toEqual(line.map(() => expect.objectContaining({ code: 'ABORTED' })))
      const last = await crowd.come(10)
      await crowd.windows(1)
      expect(served([...line, ...last])).toEqual([10])
    })
  })
}
