import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { allIntents, Emulator } from 'twilight-emulator'
import { expect, onTestFinished, test } from 'vitest'

import { FileSessionStore } from '../../src/store/file-session-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const shards = 2
/** Older Node.js strips types only when asked to. */
const flags = process.features.typescript ? [] : ['--experimental-strip-types']

function run(file: string, args: readonly string[]): ChildProcess {
  const nodeArgs = [
    '--conditions=twilight-source',
    '--no-warnings',
    ...flags,
    join(import.meta.dirname, file),
    ...args,
  ]
  const child = spawn(process.execPath, nodeArgs, { stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** One life of the process: what it handled, in order, by session. */
type Life = ReadonlyMap<string, readonly number[]>

/** Reads what a life has noted since so many bytes; a line that is not whole yet is left out. */
async function handled(path: string, fromBytes: number): Promise<Life> {
  const text = (await readFile(path)).subarray(fromBytes).toString()
  const life = new Map<string, number[]>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [sessionId = '', sequence = ''] = line.split(' ')
    life.set(sessionId, [...(life.get(sessionId) ?? []), Number(sequence)])
  }
  return life
}

/** What the shard that did least has handled. */
function least(life: Life): number {
  return life.size < shards ? 0 : Math.min(...Array.from(life.values(), ({ length }) => length))
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(10)
}

test(
  'a cluster that is killed again and again misses nothing, and repeats only what was not saved',
  { timeout: 60_000 },
  async () => {
    await using emulator = await Emulator.start({
      shards,
      maxConcurrency: shards,
      world: { guilds: 8, seed: 3 },
      // However slowly this machine starts a process, the events of that time are there.
      replayCap: 100_000,
    })
    const folder = await temporaryFolder()
    const sessionsPath = join(folder, 'sessions.json')
    const handledPath = join(folder, 'handled')
    await writeFile(handledPath, '')
    const args = Object.entries({
      token: emulator.token,
      gateway: emulator.url,
      shards,
      intents: allIntents,
      sessions: sessionsPath,
      handled: handledPath,
    }).flatMap(([name, value]) => [`--${name}`, String(value)])
    emulator.traffic.start({ ratePerSecond: 300 })

    const lives: Life[] = []
    /** The sequences in the file when each life began, by session. */
    const saved: ReadonlyMap<string, number>[] = []
    let readBytes = 0
    // Killed once in mid-stream, once in or soon after its replay, and the third time stopped in order.
    for (const [atLeast, signal] of [
      [100, 'SIGKILL'],
      [5, 'SIGKILL'],
      [100, 'SIGTERM'],
    ] as const) {
      const store = new FileSessionStore(sessionsPath)
      const found = await Promise.all(Array.from({ length: shards }, (_, id) => store.load(id, shards)))
      saved.push(
        new Map(found.flatMap((session) => (session ? [[session.sessionId, session.sequence]] : []))),
      )
      const child = run('crash-child.ts', args)
      await until(async () => least(await handled(handledPath, readBytes)) >= atLeast)
      if (signal === 'SIGTERM') {
        emulator.traffic.stop()
        const { sessions } = emulator.report()
        await until(async () => {
          const life = await handled(handledPath, readBytes)
          return sessions.every(({ sessionId, lastSequence }) => life.get(sessionId)?.at(-1) === lastSequence)
        })
      }
      await kill(child, signal)
      lives.push(await handled(handledPath, readBytes))
      readBytes = (await readFile(handledPath)).byteLength
    }

    const { sessions, identifies, resumes, violations } = emulator.report()
    expect(identifies.map(({ outcome }) => outcome)).toEqual(['ready', 'ready'])
    expect(resumes.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed', 'resumed', 'resumed'])
    expect(violations).toEqual([])
    expect(sessions).toHaveLength(shards)
    for (const { sessionId, lastSequence } of sessions) {
      const all = Array.from({ length: lastSequence }, (_, index) => index + 1)
      const sequences = lives.map((life) => life.get(sessionId) ?? [])
      // Nothing was missed.
      expect([...new Set(sequences.flat())].toSorted((a, b) => a - b)).toEqual(all)
      for (const [index, life] of sequences.entries()) {
        // Each life begins right behind what was saved, and goes on in order: what comes twice is above that alone.
        const first = (saved[index]?.get(sessionId) ?? 0) + 1
        expect(life).toEqual(all.slice(first - 1, first - 1 + life.length))
      }
      // What was saved was handled: a file that is ahead of the handler would lose events.
      for (const [index, life] of sequences.entries()) {
        const next = saved[index + 1]?.get(sessionId)
        if (next !== undefined) expect(next).toBeLessThanOrEqual(life.at(-1) ?? 0)
      }
      // The stop in order left nothing to repeat.
      const left = await new FileSessionStore(sessionsPath).load(
        sessions[0]?.sessionId === sessionId ? 0 : 1,
        shards,
      )
      expect([left?.sessionId, left?.sequence]).toEqual([sessionId, lastSequence])
    }
  },
)

test('a file store that is killed while it writes leaves a whole file, with all that it promised', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'sessions.json')
  for (const writes of [1, 7, 23]) {
    const notedPath = join(folder, `noted-${writes}`)
    await writeFile(notedPath, '')
    const child = run('writer-child.ts', [path, notedPath])
    const noted = async (): Promise<number> =>
      Number((await readFile(notedPath, 'utf8')).split('\n').at(-2) ?? 0)
    await until(async () => (await noted()) >= writes)
    await kill(child, 'SIGKILL')
    const store = new FileSessionStore(path)
    const sequences = new Set<number | undefined>()
    for (let id = 0; id < 40; id += 1) sequences.add((await store.load(id, 40))?.sequence)
    // One moment's saves are one write: all of them are there, or none.
    expect(sequences.size).toBe(1)
    const [sequence] = sequences
    expect(sequence).toBeGreaterThanOrEqual(await noted())
    expect(sequence).toBeLessThanOrEqual((await noted()) + 1)
  }
})
