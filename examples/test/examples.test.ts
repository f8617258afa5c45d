import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Emulator, Opcode, type EmulatorOptions } from 'twilight-emulator'
import { expect, onTestFinished, test } from 'vitest'

import { ExampleProcess } from './example-process.ts'

const messageIntents = (1 << 9) | (1 << 12) | (1 << 15)

async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await Emulator.start({ guildBackfillMs: 0, identifyWindowMs: 100, ...options })
  onTestFinished(() => emulator.stop())
  return emulator
}

function runExample(name: string, emulator: Emulator, environment: NodeJS.ProcessEnv = {}): ExampleProcess {
  return ExampleProcess.node(name, [], {
    DISCORD_TOKEN: emulator.token,
    DISCORD_API_URL: emulator.apiUrl,
    DISCORD_GATEWAY_URL: emulator.url,
    ...environment,
  })
}

function say(emulator: Emulator, content: string, guild = 0): void {
  emulator.dispatch('MESSAGE_CREATE', {
    id: '1',
    channel_id: '2',
    guild_id: emulator.world.guildIds[guild],
    author: { id: '3', username: 'someone' },
    content,
  })
}

test('cluster prints the events of all shards', async () => {
  const emulator = await startEmulator({ shards: 2, maxConcurrency: 2, world: { guilds: 8 } })
  const example = runExample('cluster', emulator)
  await example.prints(/^shard 0 SHARD_CONNECTED$/m, /^shard 1 SHARD_CONNECTED$/m)
  for (const guild of emulator.world.guildIds.keys()) say(emulator, 'hello', guild)
  await example.prints(/^shard 0 MESSAGE_CREATE$/m, /^shard 1 MESSAGE_CREATE$/m)
  example.interrupt()
  expect(await example.exitCode, example.output).toBe(0)
  expect(emulator.report().violations).toEqual([])
})

test('shard prints messages, across a lost connection', async () => {
  const emulator = await startEmulator()
  const example = runExample('shard', emulator)
  await example.prints(/^logged in as /m)
  say(emulator, 'before')
  await example.prints(/^someone: before$/m)
  emulator.all.drop()
  say(emulator, 'meanwhile')
  await example.prints(/^connection lost, resuming$/m, /^someone: meanwhile$/m)
  example.interrupt()
  expect(await example.exitCode, example.output).toBe(0)
  expect(emulator.report().identifies).toMatchObject([{ intents: messageIntents, outcome: 'ready' }])
  expect(emulator.report().violations).toEqual([])
})

test('commands sets the presence and gets the members of every guild', async () => {
  const emulator = await startEmulator({ world: { guilds: 5 } })
  const example = runExample('commands', emulator)
  await example.prints(
    ...emulator.world.guildIds.map((id) => new RegExp(`^guild ${id}: chunk 1 of 1, \\d+ members$`, 'm')),
  )
  example.interrupt()
  expect(await example.exitCode, example.output).toBe(0)
  const { frames, violations } = emulator.report()
  const presences = frames.filter(({ op }) => op === Opcode.PresenceUpdate)
  expect(presences.map(({ data }) => data)).toMatchObject([
    { status: 'idle', activities: [{ name: 'the gateway' }] },
  ])
  expect(violations).toEqual([])
})

test('resume misses nothing that was said while it was away, and repeats nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twilight-examples-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const environment = { SESSION_FILE: join(folder, 'sessions.json') }
  const emulator = await startEmulator({ shards: 2, maxConcurrency: 2, world: { guilds: 8 } })
  const guilds = emulator.world.guildIds.keys()
  let said = 0
  const sayInAllGuilds = (): void => {
    for (const guild of emulator.world.guildIds.keys()) say(emulator, `number ${(said += 1)}.`, guild)
  }

  const first = runExample('resume', emulator, environment)
  await first.prints(/shard 0 has a new session/, /shard 1 has a new session/)
  sayInAllGuilds()
  await first.prints(new RegExp(`number ${said}\\.`))
  // The example stops in the middle of this.
  sayInAllGuilds()
  first.interrupt()
  expect(await first.exitCode, first.output).toBe(0)
  expect(first.output).toMatch(/^2 sessions saved/m)
  sayInAllGuilds()

  const second = runExample('resume', emulator, environment)
  await second.prints(/shard 0 resumed/, /shard 1 resumed/)
  sayInAllGuilds()
  await second.prints(new RegExp(`number ${said}\\.`))
  second.interrupt()
  expect(await second.exitCode, second.output).toBe(0)

  expect([...guilds]).toHaveLength(8)
  const printed = Array.from((first.output + second.output).matchAll(/number (\d+)\./g), ([, number]) =>
    Number(number),
  )
  expect(printed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: said }, (_, index) => index + 1))
  const { identifies, resumes, violations } = emulator.report()
  expect(identifies).toHaveLength(2)
  expect(resumes.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
  expect(violations).toEqual([])
})

test.for(['cluster', 'shard', 'commands', 'resume'])('%s ends when the token is refused', async (name) => {
  const emulator = await startEmulator()
  const token = 'not-the-token'
  const example = runExample(name, emulator, { DISCORD_TOKEN: token })
  expect(await example.exitCode).toBe(1)
  expect(example.output).toMatch(/HTTP_UNAUTHORIZED|CLOSED_FATAL/)
  expect(example.output).not.toContain(token)
})
