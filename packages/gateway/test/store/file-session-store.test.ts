import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { FileSessionStore } from '../../src/store/file-session-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { session } from './session-store-conformance.ts'

async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'sessions.json')
}

test('the file is versioned JSON with a session a line, by shard, its folder is made, and nothing is left beside it', async () => {
  const folder = join(await temporaryFolder(), 'made', 'for', 'it')
  const store = new FileSessionStore(join(folder, 'sessions.json'))
  await Promise.all([store.save(session(1, 8)), store.save(session(0, 7))])
  await store.flush()
  const text = await readFile(store.path, 'utf8')
  expect(JSON.parse(text)).toEqual({ version: 1, sessions: [session(0, 7), session(1, 8)] })
  expect(text.trim().split('\n')).toHaveLength(4)
  expect(await readdir(folder)).toEqual(['sessions.json'])
})

test('only the owner may read it, from the first moment', async () => {
  const path = await newPath()
  await writeFile(path, '{"version":1,"sessions":[]}', { mode: 0o644 })
  await new FileSessionStore(path).save(session(0, 1))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('all that is saved in one moment is one write, and what comes meanwhile is the next', async () => {
  const store = new FileSessionStore(await newPath())
  await store.save(session(0, 1))
  const identities = new Set<bigint>()
  const saved = async (sequence: number): Promise<void> => {
    await Promise.all(Array.from({ length: 50 }, (_, id) => store.save(session(id, sequence, 50))))
    // Every write is a new file.
    identities.add((await stat(store.path, { bigint: true })).mtimeNs)
  }
  await Promise.all([saved(2), saved(3), saved(4)])
  expect(identities.size).toBe(1)
  await Promise.all(Array.from({ length: 50 }, (_, id) => saved(id + 5)))
  expect(identities.size).toBe(2)
  expect(await new FileSessionStore(store.path).load(9, 50)).toEqual(session(9, 54, 50))
})

describe('a file that cannot be understood', () => {
  test.each([
    ['half of one', '{"version":1,"sessions":[\n{"sessionId":"ab', 'characters that are no JSON'],
    ['an empty one', '', '0 characters that are no JSON'],
    ['null', 'null', 'version undefined'],
    ['a newer version', '{"version":2,"sessions":[]}', 'version 2, this library reads 1'],
    ['no list', '{"version":1,"sessions":{}}', 'no list of sessions'],
    [
      'a session that is none',
      '{"version":1,"sessions":[{"sessionId":"a","sequence":-1,"shardId":0,"shardCount":1}]}',
      '1 sessions that are none',
    ],
  ])('%s is kept aside, told once, and counts as empty', async (_, text, what) => {
    const path = await newPath()
    await writeFile(path, text)
    const store = new FileSessionStore(path)
    const loads = await Promise.allSettled([store.load(0, 4), store.load(1, 4)])
    const errors = loads.map((load) => (load.status === 'rejected' ? (load.reason as unknown) : undefined))
    expect(errors[0]).toMatchObject({
      code: 'STORE_CORRUPT',
      context: { path, asidePath: `${path}.corrupt` },
    })
    expect(String(errors[0])).toContain(what)
    expect(errors[1]).toBe(errors[0])
    expect(await readFile(`${path}.corrupt`, 'utf8')).toBe(text)
    expect(await store.load(0, 4)).toBeUndefined()
    await store.save(session(0, 1))
    expect(await new FileSessionStore(path).load(0, 4)).toEqual(session(0, 1))
  })
})

describe('a second writer', () => {
  test('is noticed, and neither undoes the work of the other', async () => {
    const path = await newPath()
    const one = new FileSessionStore(path)
    const two = new FileSessionStore(path)
    await one.save(session(0, 1))
    await two.save(session(2, 1))
    await one.save(session(0, 2)).then(
      () => expect.unreachable('the file is another one'),
      (error: unknown) => expect(error).toMatchObject({ code: 'STORE_CONFLICT', context: { path } }),
    )
    // The next attempt keeps what the other has written.
    await one.save(session(0, 3))
    await expect(two.delete(2, 4)).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    await two.save(session(3, 9))
    const found = new FileSessionStore(path)
    expect(await found.load(0, 4)).toEqual(session(0, 3))
    expect(await found.load(2, 4)).toBeUndefined()
    expect(await found.load(3, 4)).toEqual(session(3, 9))
  })

  test('that left no sense is replaced', async () => {
    const path = await newPath()
    const store = new FileSessionStore(path)
    await store.save(session(0, 1))
    await writeFile(path, 'what is this')
    await expect(store.save(session(0, 2))).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    await store.flush()
    expect(await new FileSessionStore(path).load(0, 4)).toEqual(session(0, 2))
  })

  test('a file that was removed by hand is written anew', async () => {
    const store = new FileSessionStore(await newPath())
    await store.save(session(0, 1))
    await rm(store.path)
    await store.save(session(1, 1))
    expect(await new FileSessionStore(store.path).load(0, 4)).toEqual(session(0, 1))
  })
})

describe('a disk that fails', () => {
  test('is STORE_FAILED for all who saved, and what they saved is in the next write', async () => {
    const path = await newPath()
    const store = new FileSessionStore(path)
    expect(await store.load(0, 4)).toBeUndefined()
    // A folder of this name cannot be replaced by a file, whoever asks.
    await mkdir(path)
    const saves = await Promise.allSettled([store.save(session(0, 1)), store.save(session(1, 1))])
    expect(saves.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    for (const save of saves) {
      expect(save).toMatchObject({ reason: { code: 'STORE_FAILED', context: { path } } })
    }
    await expect(store.flush()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await rm(path, { recursive: true })
    await store.flush()
    expect(await new FileSessionStore(path).load(1, 4)).toEqual(session(1, 1))
  })

  test('a file that cannot be read is tried again', async () => {
    const path = await newPath()
    await mkdir(path)
    const store = new FileSessionStore(path)
    await expect(store.load(0, 4)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await rm(path, { recursive: true })
    await new FileSessionStore(path).save(session(0, 1))
    expect(await store.load(0, 4)).toEqual(session(0, 1))
  })
})

test('a path is needed', () => {
  expect(() => new FileSessionStore('')).toThrow('option path must be the path of a file, got ""')
})
