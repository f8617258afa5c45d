import { open, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { GatewaySession } from '../session/gateway-session.ts'
import { readSession } from './stored-session.ts'

/** The format that this version writes and reads. */
const formatVersion = 1

/** What a file holds, and what tells this state of it from any other. */
export interface SessionFileContent {
  readonly text: string
  readonly identity: string
}

/** One session a line, by shard, so that people and `diff` can read it. */
export function formatSessions(sessions: Iterable<GatewaySession>): string {
  const byShard = Array.from(sessions).toSorted(
    (a, b) => a.shardCount - b.shardCount || a.shardId - b.shardId,
  )
  const lines = byShard.map((session) => `\n${JSON.stringify(session)}`)
  return `{"version":${formatVersion},"sessions":[${lines.join(',')}\n]}\n`
}

/** The sessions of a file's text, or what is wrong with it. */
export function parseSessions(text: string): readonly GatewaySession[] | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return `${text.length} characters that are no JSON`
  }
  const { version, sessions } = (value ?? {}) as Record<string, unknown>
  if (version !== formatVersion)
    return `version ${JSON.stringify(version)}, this library reads ${formatVersion}`
  if (!Array.isArray(sessions)) return 'no list of sessions'
  const read = sessions.map(readSession)
  const valid = read.filter((session) => session !== undefined)
  return valid.length === read.length ? valid : `${read.length - valid.length} sessions that are none`
}

/** Reads a file; `undefined` if there is none. */
export async function readSessionFile(path: string): Promise<SessionFileContent | undefined> {
  const file = await openIfThere(path)
  if (file === undefined) return undefined
  try {
    const identity = await identityOf(file)
    return { text: await file.readFile('utf8'), identity }
  } finally {
    await file.close()
  }
}

/** Identifies a file as it is now; `undefined` if there is none. */
export async function sessionFileIdentity(path: string): Promise<string | undefined> {
  const file = await openIfThere(path)
  if (file === undefined) return undefined
  try {
    return await identityOf(file)
  } finally {
    await file.close()
  }
}

/**
 * Replaces a file at once: whoever reads it, now or after a crash, finds the old text or the new one, and nothing
 * between. Only its owner may read it, since who knows token and session id can take a session over.
 * @returns what identifies the new file
 */
export async function replaceSessionFile(path: string, temporaryPath: string, text: string): Promise<string> {
  const file = await open(temporaryPath, 'w', 0o600)
  let identity: string
  try {
    await file.writeFile(text)
    // Before the rename: some file systems would store the new name first, and after a power cut an empty file.
    await file.sync()
    identity = await identityOf(file)
  } finally {
    await file.close()
  }
  await rename(temporaryPath, path)
  return identity
}

/** Makes the renames in a folder outlive the machine, where the platform can. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined)
  try {
    await folder?.sync()
  } catch {
    // Windows and some network file systems cannot.
  } finally {
    await folder?.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function identityOf(file: FileHandle): Promise<string> {
  const { ino, mtimeNs, size } = await file.stat({ bigint: true })
  return `${ino}:${mtimeNs}:${size}`
}
