import fc from 'fast-check'
import { expect, test } from 'vitest'

import { InMemoryIdentifyQueue } from '../../src/queue/in-memory-identify-queue.ts'
import type { SessionStartLimit } from '../../src/queue/session-start-limit.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'
import { Claim } from './claim.ts'

const windowMs = 5_000
const dayMs = 86_400_000
const slowestAnswerMs = 30_000

/** What Discord would count: an independent reading of its rules, which fails when one is broken. */
class Discord {
  readonly #clock: VirtualClock
  readonly #identifies: { readonly atMs: number; readonly shardId: number }[] = []
  readonly #total: number
  #remaining: number
  #periodEndsAtMs: number
  maxConcurrency: number

  constructor(clock: VirtualClock, { total, remaining, resetAfterMs, maxConcurrency }: SessionStartLimit) {
    this.#clock = clock
    this.#total = total
    this.#remaining = remaining
    // A budget that nobody has touched has no period: it begins with the first start.
    this.#periodEndsAtMs = remaining < total ? clock.now() + resetAfterMs : -Infinity
    this.maxConcurrency = maxConcurrency
  }

  limit(): SessionStartLimit {
    const isOver = this.#clock.now() >= this.#periodEndsAtMs
    return {
      total: this.#total,
      remaining: isOver ? this.#total : this.#remaining,
      resetAfterMs: isOver ? 0 : this.#periodEndsAtMs - this.#clock.now(),
      maxConcurrency: this.maxConcurrency,
    }
  }

  /** `isExempt`: granted when other lanes held. */
  identify(shardId: number, isExempt: boolean): void {
    const nowMs = this.#clock.now()
    const isClash = this.#identifies.some(
      (earlier) => nowMs - earlier.atMs < windowMs && (earlier.shardId - shardId) % this.maxConcurrency === 0,
    )
    if (isClash && !isExempt) throw new Error(`shard ${shardId} identified too early at ${nowMs}`)
    if (nowMs >= this.#periodEndsAtMs) {
      this.#remaining = this.#total
      this.#periodEndsAtMs = nowMs + dayMs
    }
    if (this.#remaining === 0) throw new Error(`shard ${shardId} used more than the budget at ${nowMs}`)
    this.#remaining -= 1
    this.#identifies.push({ atMs: nowMs, shardId })
  }
}

/** Many shards around one queue; whatever breaks a rule is collected in `failures`. */
class World {
  readonly clock = new VirtualClock()
  readonly queue: InMemoryIdentifyQueue
  readonly discord: Discord
  readonly failures: unknown[] = []
  readonly #waiting: Claim[] = []
  readonly #out: { readonly claim: Claim; readonly epoch: number }[] = []
  /** Which plan of lanes is in force. */
  #epoch = 0

  constructor(limit: SessionStartLimit, refetch?: (world: World) => Promise<SessionStartLimit>) {
    this.discord = new Discord(this.clock, limit)
    this.queue = new InMemoryIdentifyQueue({
      ...limit,
      clock: this.clock,
      ...(refetch ? { refetch: () => refetch(this) } : {}),
    })
  }

  acquire(shardId: number): void {
    const claim: Claim = new Claim(this.queue, shardId, () => this.#granted(claim))
    this.#waiting.push(claim)
  }

  abort(index: number): void {
    const claim = this.#waiting[index % this.#waiting.length]
    if (claim === undefined) return
    this.#waiting.splice(this.#waiting.indexOf(claim), 1)
    claim.abort()
  }

  settle(index: number, isSpent: boolean): void {
    const [entry] = this.#out.splice(index % Math.max(1, this.#out.length), 1)
    if (entry === undefined) return
    const { claim, epoch } = entry
    if (isSpent) {
      this.#check(() => this.discord.identify(claim.shardId, epoch !== this.#epoch))
      claim.permit.spend()
    } else claim.permit.release()
    // Whatever comes later is ignored.
    claim.permit.release()
    claim.permit.spend()
  }

  update(maxConcurrency: number): void {
    if (maxConcurrency !== this.discord.maxConcurrency) this.#epoch += 1
    this.discord.maxConcurrency = maxConcurrency
    this.queue.update(this.discord.limit())
  }

  /** Settles everything and waits until nobody waits; fails if somebody was forgotten. */
  async finish(): Promise<void> {
    for (let round = 0; this.#waiting.length > 0 || this.#out.length > 0; round += 1) {
      if (round > 200) throw new Error(`${this.#waiting.length} shards were forgotten`)
      while (this.#out.length > 0) this.settle(0, true)
      await this.clock.advance(round < 100 ? 10_000 : dayMs)
    }
    if (this.queue.waiting > 0) throw new Error(`the queue still counts ${this.queue.waiting}`)
  }

  #granted(claim: Claim): void {
    this.#check(() => {
      const place = this.#waiting.indexOf(claim)
      if (place === -1) throw new Error(`shard ${claim.shardId} had given up, and was granted a permit`)
      const isSameLane = (other: Claim): boolean =>
        (other.shardId - claim.shardId) % this.discord.maxConcurrency === 0
      if (this.#waiting.slice(0, place).some(isSameLane)) throw new Error('somebody was overtaken')
      if (this.#out.some((entry) => entry.epoch === this.#epoch && isSameLane(entry.claim))) {
        throw new Error(`two permits of one lane are out for ${claim.shardId}`)
      }
      this.#waiting.splice(place, 1)
      this.#out.push({ claim, epoch: this.#epoch })
      if (this.#out.length > this.discord.limit().remaining)
        throw new Error('more permits are out than starts left')
    })
  }

  #check(rule: () => void): void {
    try {
      rule()
    } catch (error) {
      this.failures.push(error)
    }
  }
}

const lanes = fc.constantFrom(1, 2, 3, 16)
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('acquire' as const), id: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), index: fc.nat(50) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('spend' as const), index: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), index: fc.nat(50) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat(6_000), fc.constantFrom(1, 4_999, 5_000, 5_124, 5_125, dayMs / 2, dayMs)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), lanes }) },
)
const steps = fc.array(step, { maxLength: 80, size: 'max' })

const limit = fc
  .record({ total: fc.integer({ min: 1, max: 12 }), used: fc.nat(12), ms: fc.nat(20_000), lanes })
  .map(({ total, used, ms, lanes: maxConcurrency }) => {
    const remaining = Math.max(0, total - used)
    return { total, remaining, resetAfterMs: remaining < total ? ms + 1 : 0, maxConcurrency }
  })

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What went wrong in a history. */
async function failuresOf(world: World, history: readonly Step[]): Promise<readonly unknown[]> {
  for (const each of history) {
    if (each.do === 'acquire') world.acquire(each.id)
    else if (each.do === 'abort') world.abort(each.index)
    else if (each.do === 'spend') world.settle(each.index, true)
    else if (each.do === 'release') world.settle(each.index, false)
    else if (each.do === 'advance') await world.clock.advance(each.ms)
    else world.update(each.lanes)
    await settled()
  }
  await world.finish()
  // A question whose answer nobody needs any more may still be under way.
  await world.clock.advance(slowestAnswerMs)
  return world.clock.pending === 0 ? world.failures : [...world.failures, 'a timer is left']
}

test('no history breaks the limit of a lane or of the day, overtakes or forgets anybody', async () => {
  await fc.assert(
    fc.asyncProperty(limit, steps, async (given, history) => {
      expect(await failuresOf(new World(given), history)).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('nor does one in which Discord is asked again, answers late, or not at all', async () => {
  const answers = fc.infiniteStream(fc.record({ ms: fc.nat(slowestAnswerMs), isFailure: fc.boolean() }))
  await fc.assert(
    fc.asyncProperty(limit, steps, answers, async (given, history, delays) => {
      const refetch = async ({ clock, discord }: World): Promise<SessionStartLimit> => {
        const { ms, isFailure } = delays.next().value
        // As old as an answer can be: what is sent on its way is not in it.
        const answer = discord.limit()
        await new Promise<void>((resolve) => {
          clock.setTimeout(resolve, ms)
        })
        if (isFailure) throw new Error('503')
        return answer
      }
      expect(await failuresOf(new World(given, refetch), history)).toEqual([])
    }),
    { numRuns: 400 },
  )
})
