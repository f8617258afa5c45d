import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { ConfigError, GatewayError } from '../errors.ts'
import type { GatewaySession } from '../session/gateway-session.ts'
import {
  formatSessions,
  parseSessions,
  readSessionFile,
  replaceSessionFile,
  sessionFileIdentity,
  syncFolder,
} from './session-file.ts'
import type { SessionStore } from './session-store.ts'
import { plainSession, sessionKey } from './stored-session.ts'

/**
 * The sessions of a bot in one JSON file, readable only by its owner.
 *
 * The file is always whole: it is written beside, synced to the disk, and renamed (so mount its folder into a
 * container, not the file). All calls of one moment share one
 * write, and so do all that come while one is under way. After `flush` the folder is synced too; without, a power cut
 * may bring the file back as it was seconds before, and the resumed sessions then repeat a little more.
 *
 * A file that cannot be understood is kept as `<path>.corrupt`, told as STORE_CORRUPT once, and counts as empty.
 *
 * One process, one file: a bot that runs in several processes, with a bucket of shards each, gives each its own. A
 * second writer is noticed: the write that would have undone its work fails with STORE_CONFLICT, and the next one keeps
 * what the other has written for other shards.
 */
export class FileSessionStore implements SessionStore, AsyncDisposable {
  /** The absolute path of the file. */
  readonly path: string
  /** One name for each store: what a killed process left behind is a single small file. */
  readonly #temporaryPath: string
  /** What the file should hold; `undefined` until it was read. */
  #sessions: Map<string, GatewaySession> | undefined
  /** Shards that were saved or deleted here: of these, this process knows better than the file. */
  readonly #own = new Set<string>()
  /** The file as this process read or left it. */
  #identity: string | undefined
  #reading: Promise<Map<string, GatewaySession>> | undefined
  #writing: Promise<void> | undefined
  #nextWrite: Promise<void> | undefined
  /** What was changed is not in the file yet. */
  #isDirty = false
  #needsFolderSync = false

  /**
   * @param path the file; its folder is made if it is missing
   * @throws ConfigError CONFIG_INVALID
   */
  constructor(path: string) {
    if (typeof path !== 'string' || path === '') throw ConfigError.option('path', path, 'the path of a file')
    this.path = resolve(path)
    this.#temporaryPath = `${this.path}.${randomUUID().slice(0, 8)}.tmp`
  }

  /** @throws GatewayError STORE_FAILED, STORE_CORRUPT */
  async load(shardId: number, shardCount: number): Promise<GatewaySession | undefined> {
    return (await this.#read()).get(sessionKey(shardId, shardCount))
  }

  /** @throws GatewayError STORE_FAILED, STORE_CORRUPT, STORE_CONFLICT; the session is part of the next write */
  async save(session: GatewaySession): Promise<void> {
    const key = sessionKey(session.shardId, session.shardCount)
    const sessions = await this.#read()
    sessions.set(key, plainSession(session))
    await this.#changed(key)
  }

  /** @throws GatewayError STORE_FAILED, STORE_CORRUPT, STORE_CONFLICT */
  async delete(shardId: number, shardCount: number): Promise<void> {
    const key = sessionKey(shardId, shardCount)
    const sessions = await this.#read()
    if (sessions.delete(key)) await this.#changed(key)
  }

  /** @throws GatewayError STORE_FAILED, STORE_CONFLICT */
  async flush(): Promise<void> {
    try {
      await (this.#nextWrite ?? this.#writing)
    } catch {
      // Whoever asked for that one was told, and what it did not bring is tried again here.
    }
    if (this.#isDirty) await this.#write()
    if (!this.#needsFolderSync) return
    this.#needsFolderSync = false
    await syncFolder(this.path)
  }

  /** As `flush`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }

  /** The sessions, read once; a failure to read is tried again by the next call. */
  #read(): Promise<Map<string, GatewaySession>> {
    if (this.#sessions !== undefined) return Promise.resolve(this.#sessions)
    this.#reading ??= this.#readFile().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  async #readFile(): Promise<Map<string, GatewaySession>> {
    const content = await this.#attempt('read', () => readSessionFile(this.path))
    const parsed = content === undefined ? [] : parseSessions(content.text)
    if (typeof parsed === 'string') {
      const asidePath = `${this.path}.corrupt`
      await this.#attempt('set aside', () => rename(this.path, asidePath))
      this.#sessions = new Map()
      throw new GatewayError(
        'STORE_CORRUPT',
        `${this.path} holds ${parsed}: it was moved to ${asidePath}, and its sessions are not resumed`,
        { context: { path: this.path, asidePath } },
      )
    }
    this.#identity = content?.identity
    this.#sessions = byKey(parsed)
    return this.#sessions
  }

  /** Resolves when the change is in the file. */
  #changed(key: string): Promise<void> {
    this.#own.add(key)
    this.#isDirty = true
    return this.#write()
  }

  /** All who ask before the next write begins share it. */
  #write(): Promise<void> {
    this.#nextWrite ??= this.#writeNext()
    return this.#nextWrite
  }

  async #writeNext(): Promise<void> {
    try {
      await this.#writing
    } catch {
      // Whoever asked for that one was told.
    }
    this.#nextWrite = undefined
    this.#writing = this.#replaceFile()
    return this.#writing
  }

  async #replaceFile(): Promise<void> {
    const identity = await this.#attempt('read', () => sessionFileIdentity(this.path))
    // One that is gone was removed by hand: nobody's work is undone.
    if (identity !== undefined && identity !== this.#identity) await this.#adopt()
    this.#isDirty = false
    try {
      this.#identity = await this.#attempt('write', async () => {
        await mkdir(dirname(this.path), { recursive: true })
        return replaceSessionFile(
          this.path,
          this.#temporaryPath,
          formatSessions(this.#sessions?.values() ?? []),
        )
      })
      this.#needsFolderSync = true
    } catch (error) {
      this.#isDirty = true
      throw error
    }
  }

  /** Takes over what another process wrote, but for the shards that are ours, and says so. */
  async #adopt(): Promise<never> {
    const content = await this.#attempt('read', () => readSessionFile(this.path))
    const parsed = content === undefined ? [] : parseSessions(content.text)
    const merged = typeof parsed === 'string' ? new Map<string, GatewaySession>() : byKey(parsed)
    for (const key of this.#own) {
      const session = this.#sessions?.get(key)
      if (session === undefined) merged.delete(key)
      else merged.set(key, session)
    }
    this.#sessions = merged
    this.#identity = content?.identity
    throw new GatewayError(
      'STORE_CONFLICT',
      `${this.path} was written by somebody else since: give each process a file of its own`,
      { context: { path: this.path } },
    )
  }

  async #attempt<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
      throw new GatewayError(
        'STORE_FAILED',
        `could not ${what} ${this.path} (${why}): check the folder's permissions and the disk`,
        { cause, context: { path: this.path } },
      )
    }
  }
}

function byKey(sessions: readonly GatewaySession[]): Map<string, GatewaySession> {
  return new Map(sessions.map((session) => [sessionKey(session.shardId, session.shardCount), session]))
}
