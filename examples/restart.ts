/**
 * A crash that misses nothing: the sessions outlive the process in a file, and Discord repeats what was not handled.
 * Run it with `node --conditions=twilight-source examples/restart.ts`: it starts an emulator and, as a process of its
 * own, a bot; kills the bot in mid-stream, starts it again, and counts.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Emulator } from 'twilight-emulator'
import { allIntents, Cluster, FileSessionStore } from 'twilight-gateway'

const { HANDLED_FILE: handledFile, SESSION_FILE: sessionFile } = process.env

if (handledFile !== undefined && sessionFile !== undefined) await runBot(sessionFile, handledFile)
else process.exitCode = await crashAndCount()

/** The bot. Nothing in it knows of crashes but one option. */
async function runBot(sessions: string, handled: string): Promise<void> {
  const cluster = await Cluster.create({
    token: process.env['DISCORD_TOKEN'] ?? '',
    intents: allIntents,
    apiUrl: process.env['DISCORD_API_URL'],
    sessionStore: new FileSessionStore(sessions),
    // What a crash may repeat. The default, a second, writes the file less often.
    sessionSaveIntervalMs: 200,
  })
  // A deployment ends a process like this: the sessions are saved to the last event, and nothing is repeated.
  process.on('SIGTERM', () => void cluster.downResumable())
  void cluster.up()
  for await (const { type, sessionId, sequence, ...event } of cluster) {
    if (type === 'SHARD_SESSION_STORE_ERROR') console.error(event)
    // This is all that the bot does with an event: it writes a line.
    if (sequence > 0) appendFileSync(handled, `${sessionId}:${sequence}\n`)
  }
}

/** Everything around it. @returns the exit code */
async function crashAndCount(): Promise<number> {
  // Discord keeps a limited number of events for a resume; the emulator keeps enough for the slowest machine.
  const emulator = await Emulator.start({
    shards: 2,
    maxConcurrency: 2,
    world: { guilds: 8 },
    replayCap: 10_000,
  })
  emulator.traffic.start({ ratePerSecond: 200 })
  const folder = await mkdtemp(join(tmpdir(), 'twilight-restart-'))
  const handled = join(folder, 'handled')
  const environment = {
    DISCORD_TOKEN: emulator.token,
    DISCORD_API_URL: emulator.apiUrl,
    SESSION_FILE: join(folder, 'sessions.json'),
    HANDLED_FILE: handled,
  }
  appendFileSync(handled, '')
  try {
    const first = startBot(environment)
    await until(first, async () => (await readLines(handled)).length >= 400)
    await stop(first, 'SIGKILL')
    const before = await readLines(handled)
    console.log(`the bot handled ${before.length} events and was killed with SIGKILL`)

    await sleep(500)
    const second = startBot(environment)
    await until(second, async () => (await readLines(handled)).length >= 2 * before.length)
    emulator.traffic.stop()
    const wanted = emulator
      .report()
      .sessions.flatMap(({ sessionId, lastSequence }) =>
        Array.from({ length: lastSequence }, (_, index) => `${sessionId}:${index + 1}`),
      )
    await until(second, async () => {
      const lines = new Set(await readLines(handled))
      return wanted.every((event) => lines.has(event))
    })
    await stop(second, 'SIGTERM')

    const lines = await readLines(handled)
    const seen = new Set(lines)
    const missed = wanted.filter((event) => !seen.has(event)).length
    const { identifies, resumes, violations } = emulator.report()
    const resumed = resumes.filter(({ outcome }) => outcome === 'resumed').length
    console.log(
      `started again, it resumed ${resumed} of 2 sessions, and identified ${identifies.length - 2} more`,
    )
    console.log(
      `of ${wanted.length} events that were sent, it missed ${missed} and handled ${lines.length - seen.size} twice`,
    )
    const isProven = missed === 0 && resumed === 2 && identifies.length === 2 && violations.length === 0
    return isProven ? 0 : 1
  } finally {
    await emulator.stop()
    await rm(folder, { recursive: true })
  }
}

function startBot(environment: NodeJS.ProcessEnv): ChildProcess {
  // Started with the options of this process: the package condition and, where it is one, type stripping.
  return spawn(process.execPath, [...process.execArgv, import.meta.filename], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  })
}

async function stop(bot: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(bot, 'exit')
  bot.kill(signal)
  await exited
}

/** Lines that are whole: the last one may be half written. */
async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1)
}

/** Waits for a condition, for a minute, while a bot runs. */
async function until(bot: ChildProcess, condition: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 60_000; !(await condition()); await sleep(20)) {
    if (bot.exitCode !== null) throw new Error(`the bot ended with exit code ${bot.exitCode}`)
    if (Date.now() < endMs) continue
    bot.kill('SIGKILL')
    throw new Error('waited for a minute in vain')
  }
}
