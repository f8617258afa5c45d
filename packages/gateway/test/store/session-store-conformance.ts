import { beforeEach, describe, expect, test } from 'vitest'

import type { GatewaySession } from '../../src/session/gateway-session.ts'
import type { SessionStore } from '../../src/store/session-store.ts'

/** A store with nothing in it. */
export interface StoreUnderTest {
  readonly store: SessionStore
  /** A second store over what the first one keeps, as the next process would open it. */
  readonly reopen: () => SessionStore
}

/** A session of a shard, in which so much was acknowledged. */
export function session(shardId: number, sequence: number, shardCount = 4): GatewaySession {
  const resumeUrl = `wss://gateway-${shardId}.example`
  return { sessionId: `${shardId}`.padStart(32, 'f'), sequence, resumeUrl, shardId, shardCount }
}

/** What every session store must do, whatever it is made of. Call it at the top of a test file. */
export function sessionStoreConformance(
  name: string,
  create: () => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  describe(`${name} is a session store`, () => {
    let store: SessionStore
    let reopen: () => SessionStore

    beforeEach(async () => {
      ;({ store, reopen } = await create())
    })

    test('knows nothing at first', async () => {
      expect(await store.load(0, 1)).toBeUndefined()
      await store.flush()
      expect(await reopen().load(0, 1)).toBeUndefined()
    })

    test('gives back what was saved, now and to the next process', async () => {
      await store.save(session(1, 17))
      expect(await store.load(1, 4)).toEqual(session(1, 17))
      expect(await reopen().load(1, 4)).toEqual(session(1, 17))
    })

    test('a session need not have a URL', async () => {
      const { resumeUrl: _, ...bare } = session(1, 17)
      await store.save({ ...bare, resumeUrl: undefined })
      expect(await reopen().load(1, 4)).toEqual(bare)
    })

    test('the last save of a shard wins, whoever waited for which', async () => {
      await store.save(session(0, 1))
      await Promise.all([store.save(session(0, 2)), store.save(session(0, 3)), store.save(session(0, 4))])
      expect(await store.load(0, 4)).toEqual(session(0, 4))
      expect(await reopen().load(0, 4)).toEqual(session(0, 4))
    })

    test('a session belongs to its whole shard tuple', async () => {
      await store.save(session(1, 5, 2))
      await store.save(session(1, 9, 4))
      await store.delete(1, 8)
      for (const opened of [store, reopen()]) {
        expect(await opened.load(1, 2)).toEqual(session(1, 5, 2))
        expect(await opened.load(1, 4)).toEqual(session(1, 9, 4))
        expect(await opened.load(1, 8)).toBeUndefined()
        expect(await opened.load(0, 2)).toBeUndefined()
      }
    })

    test('delete removes that session alone, and nothing if there is none', async () => {
      await Promise.all([store.save(session(0, 1)), store.save(session(1, 2))])
      await store.delete(0, 4)
      await store.delete(0, 4)
      for (const opened of [store, reopen()]) {
        expect(await opened.load(0, 4)).toBeUndefined()
        expect(await opened.load(1, 4)).toEqual(session(1, 2))
      }
    })

    test('a save after a delete counts', async () => {
      await store.save(session(0, 1))
      await Promise.all([store.delete(0, 4), store.save(session(0, 2))])
      expect(await reopen().load(0, 4)).toEqual(session(0, 2))
    })

    test('many shards at once', async () => {
      const sessions = Array.from({ length: 300 }, (_, id) => session(id, id + 1, 300))
      await Promise.all(sessions.map((each) => store.save(each)))
      await store.flush()
      const opened = reopen()
      expect(await Promise.all(sessions.map(({ shardId }) => opened.load(shardId, 300)))).toEqual(sessions)
    })

    test('keeps the fields of a session and nothing else that the object carries', async () => {
      await store.save({ ...session(0, 1), token: 'secret' } as GatewaySession)
      expect(await store.load(0, 4)).toEqual(session(0, 1))
      expect(await reopen().load(0, 4)).toEqual(session(0, 1))
    })

    test('flush may be called at any time, also twice', async () => {
      const saved = store.save(session(0, 1))
      await Promise.all([store.flush(), store.flush()])
      await saved
      expect(await reopen().load(0, 4)).toEqual(session(0, 1))
    })
  })
}
