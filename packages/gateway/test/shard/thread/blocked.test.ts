import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import type { EmulatorReport } from 'twilight-emulator'
import { expect, onTestFinished, test } from 'vitest'

import { Cluster, unlimitedIdentifyQueue } from '../../../src/index.ts'
import { Reader } from '../../behaviour/fixture.ts'

// Node.js 22.15 strips types only when asked to.
const strip = process.features.typescript ? [] : ['--experimental-strip-types', '--no-warnings']

/** Nearly twice as long as the emulator waits for a heartbeat. */
const blockedMs = 3_000

test('a main thread that is blocked for many heartbeat intervals costs no connection', async () => {
  const program = new URL('emulator-thread.ts', import.meta.url)
  const discord = new Worker(program, { execArgv: ['--conditions=twilight-source', ...strip] })
  onTestFinished(async () => void (await discord.terminate()))
  const told = async <Message>(): Promise<Message> => (await once(discord, 'message'))[0] as Message
  const { url: gatewayUrl, token } = await told<{ url: string; token: string }>()
  const report = (): Promise<EmulatorReport> => {
    discord.postMessage('report')
    return told()
  }

  const identifyQueue = unlimitedIdentifyQueue
  const cluster = await Cluster.create({
    token,
    gatewayUrl,
    intents: 1,
    shards: 2,
    threads: 1,
    identifyQueue,
  })
  onTestFinished(() => cluster.down())
  const reader = new Reader(cluster)
  await cluster.up()
  const beats = async (): Promise<number> => (await report()).frames.filter(({ op }) => op === 1).length
  const before = await beats()
  const blockedUntilMs = performance.now() + blockedMs
  while (performance.now() < blockedUntilMs);
  // Each shard beats seven times in this time; a busy machine may take some of them.
  expect((await beats()) - before).toBeGreaterThan(7)
  expect((await report()).connections).toMatchObject([{ closedAtMs: null }, { closedAtMs: null }])
  expect(reader.count('SHARD_DISCONNECTED')).toBe(0)
})
