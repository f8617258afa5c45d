import { describe, expect, test } from 'vitest'

import type { GatewaySession } from '../../src/session/gateway-session.ts'
import { SessionKeeper, type KeptShard, type StoreFailure } from '../../src/shard/session-keeper.ts'
import { MemorySessionStore } from '../../src/store/memory-session-store.ts'
import type { SessionStore } from '../../src/store/session-store.ts'
import { settled, VirtualClock } from '../support/virtual-clock.ts'
import { session } from '../store/session-store-conformance.ts'

const saveIntervalMs = 1_000
const timeoutMs = 10_000

/** A shard that is nothing but what its keeper sees. */
class FakeShard implements KeptShard {
  readonly id: number
  readonly shardCount = 4
  readonly failures: StoreFailure[] = []
  session: GatewaySession | undefined
  readonly #closed = Promise.withResolvers<void>()

  constructor(id: number) {
    this.id = id
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  resumable(): GatewaySession | undefined {
    return this.session
  }

  failed(failure: StoreFailure): void {
    this.failures.push(failure)
  }

  at(sequence: number): void {
    this.session = session(this.id, sequence)
  }

  close(): void {
    this.#closed.resolve()
  }
}

/** A store that keeps a log, and does to each call what the test says before it does it. */
class LoggingStore implements SessionStore {
  readonly memory = new MemorySessionStore()
  readonly log: string[] = []
  before: (operation: string) => Promise<void> | void = () => undefined

  async load(shardId: number, shardCount: number): Promise<GatewaySession | undefined> {
    await this.#begin(`load ${shardId}`)
    return this.memory.load(shardId, shardCount)
  }

  async save(saved: GatewaySession): Promise<void> {
    await this.#begin(`save ${saved.shardId} at ${saved.sequence}`)
    await this.memory.save(saved)
  }

  async delete(shardId: number, shardCount: number): Promise<void> {
    await this.#begin(`delete ${shardId}`)
    await this.memory.delete(shardId, shardCount)
  }

  async flush(): Promise<void> {
    await this.#begin('flush')
  }

  async #begin(call: string): Promise<void> {
    this.log.push(call)
    await this.before(call.split(' ')[0] ?? '')
  }
}

function newKeeper() {
  const clock = new VirtualClock()
  const store = new LoggingStore()
  return { clock, store, keeper: new SessionKeeper({ store, saveIntervalMs, timeoutMs, clock }) }
}

describe('saving', () => {
  test('what changed is saved once in an interval, all shards in the same moment, and nothing else is', async () => {
    const { clock, store, keeper } = newKeeper()
    const shards = [new FakeShard(0), new FakeShard(1), new FakeShard(2)]
    for (const shard of shards) {
      expect(await keeper.load(shard)).toBeUndefined()
      keeper.keep(shard)
    }
    store.log.length = 0
    await clock.advance(3 * saveIntervalMs)
    expect(store.log).toEqual([])
    for (const sequence of [1, 2, 3, 40]) for (const shard of shards) shard.at(sequence)
    await clock.advance(saveIntervalMs)
    expect(store.log).toEqual(['save 0 at 40', 'save 1 at 40', 'save 2 at 40'])
    shards[1]?.at(41)
    await clock.advance(5 * saveIntervalMs)
    expect(store.log.slice(3)).toEqual(['save 1 at 41'])
  })

  test('a session that was loaded is not saved before it changes, one that was given is', async () => {
    const { clock, store, keeper } = newKeeper()
    const [loaded, given] = [new FakeShard(0), new FakeShard(1)]
    await store.memory.save(session(0, 7))
    loaded.session = await keeper.load(loaded)
    expect(loaded.session).toEqual(session(0, 7))
    given.at(8)
    keeper.keep(loaded)
    keeper.keep(given)
    await clock.advance(2 * saveIntervalMs)
    expect(store.log).toEqual(['load 0', 'save 1 at 8'])
  })

  test('a session that Discord ended is deleted, and the next one saved', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    shard.at(5)
    keeper.keep(shard)
    await clock.advance(saveIntervalMs)
    shard.session = undefined
    await clock.advance(2 * saveIntervalMs)
    shard.session = { ...session(0, 1), sessionId: 'another' }
    await clock.advance(2 * saveIntervalMs)
    expect(store.log).toEqual(['save 0 at 5', 'delete 0', 'save 0 at 1'])
    expect(await store.memory.load(0, 4)).toMatchObject({ sessionId: 'another' })
  })
})

describe('a shard that closes', () => {
  test('leaves what can be resumed, flushed', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    keeper.keep(shard)
    shard.at(9)
    shard.close()
    await keeper.settled(shard)
    expect(store.log).toEqual(['save 0 at 9', 'flush'])
    expect(clock.pending).toBe(0)
  })

  test('leaves nothing if nothing can be resumed', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    shard.at(9)
    keeper.keep(shard)
    await clock.advance(saveIntervalMs)
    shard.session = undefined
    shard.close()
    await keeper.settled(shard)
    expect(store.log).toEqual(['save 0 at 9', 'delete 0', 'flush'])
    expect(clock.pending).toBe(0)
  })

  test('waits for a save that is under way, so that the last word is the last', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    const slow = Promise.withResolvers<void>()
    store.before = () => slow.promise
    shard.at(1)
    keeper.keep(shard)
    await clock.advance(saveIntervalMs)
    shard.at(2)
    shard.close()
    await settled()
    expect(store.log).toEqual(['save 0 at 1'])
    slow.resolve()
    await keeper.settled(shard)
    expect(store.log).toEqual(['save 0 at 1', 'save 0 at 2', 'flush'])
    expect(await store.memory.load(0, 4)).toEqual(session(0, 2))
  })

  test('the others are kept on', async () => {
    const { clock, store, keeper } = newKeeper()
    const shards = [new FakeShard(0), new FakeShard(1)]
    for (const shard of shards) keeper.keep(shard)
    shards[0]?.close()
    await keeper.settled(shards[0] ?? new FakeShard(9))
    shards[1]?.at(3)
    await clock.advance(saveIntervalMs)
    expect(store.log.at(-1)).toBe('save 1 at 3')
  })
})

test('a shard that was never kept has nothing to wait for, and the store is as it was', async () => {
  const { store, keeper } = newKeeper()
  const shard = new FakeShard(0)
  await store.memory.save(session(0, 7))
  await keeper.load(shard)
  shard.close()
  await keeper.settled(shard)
  expect(store.memory.sessions).toEqual([session(0, 7)])
})

describe('a store that fails', () => {
  test('is told and tried again at the next interval', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    shard.at(1)
    keeper.keep(shard)
    const error = new Error('the disk is full')
    store.before = () => {
      throw error
    }
    await clock.advance(saveIntervalMs)
    expect(shard.failures).toEqual([{ error, operation: 'save' }])
    store.before = () => undefined
    await clock.advance(saveIntervalMs)
    expect(shard.failures).toHaveLength(1)
    expect(store.memory.sessions).toEqual([session(0, 1)])
  })

  test.each(['delete', 'flush'] as const)('is told of %s too', async (operation) => {
    const { store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    keeper.keep(shard)
    store.before = (called) => (called === operation ? Promise.reject(new Error(operation)) : undefined)
    shard.close()
    await keeper.settled(shard)
    expect(shard.failures).toEqual([{ error: new Error(operation), operation }])
  })

  test('to load is asked again a few times', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    await store.memory.save(session(0, 7))
    store.before = () => (store.log.length < 3 ? Promise.reject(new Error('not yet')) : undefined)
    const loaded = keeper.load(shard)
    await clock.advance(2_000)
    expect(await loaded).toEqual(session(0, 7))
    expect(shard.failures.map(({ operation }) => operation)).toEqual(['load', 'load'])
    expect(clock.pending).toBe(0)
  })

  test('to load for good is told, and what it holds is replaced', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    await store.memory.save(session(0, 7))
    store.before = () => Promise.reject(new Error('not now'))
    const loaded = keeper.load(shard)
    await clock.advance(2_000)
    expect(await loaded).toBeUndefined()
    expect(shard.failures).toHaveLength(4)
    store.before = () => undefined
    keeper.keep(shard)
    await clock.advance(saveIntervalMs)
    expect(store.memory.sessions).toEqual([])
  })

  test('for many shards in one write is told once', async () => {
    const { clock, store, keeper } = newKeeper()
    const shards = Array.from({ length: 4 }, (_, id) => new FakeShard(id))
    const error = new Error('one write')
    store.before = () => Promise.reject(error)
    for (const shard of shards) {
      shard.at(1)
      keeper.keep(shard)
    }
    await clock.advance(saveIntervalMs)
    expect(shards.map(({ failures }) => failures.length)).toEqual([1, 0, 0, 0])
  })

  test.each([
    ['a session of another shard', session(1, 1)],
    ['one of another shard count', session(0, 1, 8)],
    ['no session', { sessionId: 7 } as unknown as GatewaySession],
    ['null', null as unknown as GatewaySession],
  ])('by giving %s is told, and its shard begins anew', async (_, found) => {
    const { store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    store.load = () => Promise.resolve(found)
    expect(await keeper.load(shard)).toBeUndefined()
    expect(shard.failures).toMatchObject([{ operation: 'load', error: { code: 'STORE_CORRUPT' } }])
  })
})

describe('a store that hangs', () => {
  test('holds a start up no longer than the deadline', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    store.before = () => new Promise(() => undefined)
    const loaded = keeper.load(shard)
    await clock.advance(timeoutMs)
    expect(await loaded).toBeUndefined()
    expect(shard.failures).toMatchObject([{ operation: 'load', error: { code: 'TIMEOUT_STORE' } }])
    expect(clock.pending).toBe(0)
  })

  test('is told once, asked nothing more until it answers, and then brought up to date', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    const late = Promise.withResolvers<void>()
    store.before = () => late.promise
    keeper.keep(shard)
    shard.at(1)
    await clock.advance(saveIntervalMs)
    shard.at(2)
    await clock.advance(10 * timeoutMs)
    expect(shard.failures).toMatchObject([{ operation: 'save', error: { code: 'TIMEOUT_STORE' } }])
    expect(store.log).toEqual(['save 0 at 1'])
    late.resolve()
    await clock.advance(saveIntervalMs)
    expect(store.log).toEqual(['save 0 at 1', 'save 0 at 2'])
    expect(store.memory.sessions).toEqual([session(0, 2)])
  })

  test('holds a stop up no longer than the deadline, and no late call of ours follows', async () => {
    const { clock, store, keeper } = newKeeper()
    const shard = new FakeShard(0)
    store.before = () => new Promise(() => undefined)
    keeper.keep(shard)
    shard.at(1)
    await clock.advance(saveIntervalMs)
    shard.close()
    let isSettled = false
    void keeper.settled(shard).then(() => (isSettled = true))
    await clock.advance(timeoutMs - 1)
    expect(isSettled).toBe(false)
    await clock.advance(1)
    expect(isSettled).toBe(true)
    expect(store.log).toEqual(['save 0 at 1'])
    expect(clock.pending).toBe(0)
  })
})
