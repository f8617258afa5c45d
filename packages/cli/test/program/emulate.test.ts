import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

import { Program, runProgram } from '../support/program.ts'

interface Summary {
  readonly eventsByType: Readonly<Record<string, number>>
}

/** Starts an emulator on a free port, and reads where it is. */
async function serve(
  ...words: readonly string[]
): Promise<{ program: Program; api: string; gateway: string; token: string; port: string }> {
  const program = new Program(['emulate', '--port', '0', ...words])
  const [, api = ''] = await program.until(/REST API {2}(\S+)/)
  const [, gateway = ''] = await program.until(/gateway {3}(\S+)/)
  const [, token = ''] = await program.until(/token {5}(\S+)/)
  await program.until(/DISCORD_TOKEN=\S+ twilight listen --api \S+\n/)
  return { program, api, gateway, token, port: new URL(gateway).port }
}

test('serves a cluster in another process, tells what it does, and sums up at Ctrl-C', async () => {
  const { program, api, gateway, token } = await serve(
    '--shards',
    '2',
    '--max-concurrency',
    '2',
    '--rate',
    '50',
  )
  await using _ = program
  const answer = await fetch(`${api}/gateway`)
  expect(await answer.json()).toEqual({ url: gateway })

  const words = ['listen', '--api', api, '--seconds', '2', '--json']
  const listening = await runProgram(words, { DISCORD_TOKEN: token })
  expect({ code: listening.code, stderr: listening.stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(listening.stdout)).toMatchObject({
    shards: 2,
    ready: 2,
    eventsByType: { READY: 2 },
    missed: 0,
    duplicates: 0,
    violations: null,
  })

  await program.until(/^\d\d:\d\d:\d\d connection +socket 1 at the bootstrap URL: v10, json, zstd-stream/m)
  await program.until(/^\d\d:\d\d:\d\d identify +socket \d as shard 1 of 2, intents \d+: ready$/m)
  await program.until(
    /^\d\d:\d\d:\d\d session-end +session [\da-f]{32} of shard 1: client closed with 1000$/m,
  )
  program.interrupt()
  const { code, stdout, stderr } = await program.ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('  2 connections, 2 sessions\n  2 identifies, 2 answered with READY\n')
  expect(stdout).toContain('✔ no rule was broken')
})

/** What a cluster counted that listened to an emulator for two seconds. */
async function listenTo(api: string, token: string, ...words: readonly string[]): Promise<Summary> {
  const all = ['listen', '--api', api, '--seconds', '2', '--json', ...words]
  const { stdout } = await runProgram(all, { DISCORD_TOKEN: token })
  return JSON.parse(stdout) as Summary
}

test('what one run sends is recorded, and another run replays it to shards in threads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twilight-cli-'))
  onTestFinished(async () => rm(folder, { recursive: true }))
  const file = join(folder, 'events.ndjson')

  const first = await serve('--rate', '50', '--record', file)
  onTestFinished(async () => first.program[Symbol.asyncDispose]())
  const recorded = await listenTo(first.api, first.token)
  first.program.interrupt()
  expect((await first.program.ended).stdout).toMatch(/recorded \d+ events in [\d,]+ bytes to/)

  const second = await serve('--rate', '0', '--guilds', '1', '--replay', file, '--speed', 'Infinity')
  onTestFinished(async () => second.program[Symbol.asyncDispose]())
  const replayed = await listenTo(second.api, second.token, '--threads', '1')
  await second.program.until(/replayed \d+ events from/)
  second.program.interrupt()
  await second.program.ended
  expect(recorded.eventsByType['MESSAGE_CREATE']).toBeGreaterThan(5)
  expect(replayed.eventsByType['MESSAGE_CREATE']).toBe(recorded.eventsByType['MESSAGE_CREATE'])
  expect(replayed).toMatchObject({ ready: 1, missed: 0, duplicates: 0 })
})

test('a bad token ends a cluster with one line, whoever refuses it, and the token is not in it', async () => {
  const { program, api, gateway } = await serve('--shards', '2', '--token', 'the-right-one')
  await using _ = program
  const bad = { DISCORD_TOKEN: 'wrong-and-secret' }
  const [byApi, byGateway] = await Promise.all([
    runProgram(['listen', '--api', api], bad),
    runProgram(['listen', '--gateway', gateway, '--shards', '2', '--seconds', '30'], bad),
  ])
  expect(byApi.code).toBe(1)
  expect(byApi.stderr).toMatch(/^twilight: 127\.0\.0\.1:\d+ does not accept the token \(401\).*\n$/)
  expect(byApi.stdout).toBe('')
  expect(byGateway.code).toBe(1)
  expect(byGateway.stderr).toMatch(/^twilight: the gateway closed with 4004 .*\[CLOSED_FATAL\]\n$/)
  expect(byApi.stderr + byGateway.stderr + byGateway.stdout).not.toContain('secret')

  program.interrupt()
  const { stdout } = await program.ended
  expect(stdout).toMatch(/identify +socket 1 as shard 0 of 2, intents \d+: refused \(token\)/)
  expect(stdout).toMatch(/violation +token: unknown token \(socket 1/)
  expect(stdout).toMatch(/✘ 1 violation\n {2}token +1 {2}the last: unknown token/)
  expect(stdout).not.toContain('secret')
})

test('the summary is the last word, whoever is still connected; a cluster then tries to come back', async () => {
  const { program, api, token } = await serve()
  await using _ = program
  await using listener = new Program(['listen', '--api', api], { DISCORD_TOKEN: token })
  await listener.until(/\[0\] ready/)
  program.interrupt()
  const { code, stdout } = await program.ended
  expect(code).toBe(0)
  expect(stdout.endsWith('\n\n✔ no rule was broken\n')).toBe(true)
  await listener.until(/\[0\] connection lost[^]*\[0\] reconnecting +in \d+\.\d s to resume the session/)
  listener.interrupt()
  const { code: listenerCode, stderr } = await listener.ended
  expect({ listenerCode, stderr }).toEqual({ listenerCode: 0, stderr: '' })
})

test('a port that is taken: one line that says what to do', async () => {
  const { program, port } = await serve('--rate', '0')
  await using _ = program
  const { code, stdout, stderr } = await runProgram(['emulate', '--port', port])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    `twilight: port ${port} of 127.0.0.1 is taken: choose another with --port, or --port 0 for any free one\n`,
  )
})
