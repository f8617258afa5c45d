/**
 * A blocked main thread costs no connection: the shards live in worker threads. This example starts an emulator as a
 * process of its own, blocks the main thread for many heartbeat intervals, and counts what arrived.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'

import { Emulator, type EmulatorReport } from 'twilight-emulator'
import { allIntents, Cluster } from 'twilight-gateway'

const blockedSeconds = Number(process.env['BLOCKED_SECONDS'] ?? 10)
/** Discord's is 41 s; a shorter one shows the same in less time. */
const heartbeatIntervalMs = 1_000
const shards = 4

if (process.argv[2] === 'emulator') await beEmulator()
else await main()

async function main(): Promise<void> {
  const server = fork(import.meta.filename, ['emulator'])
  const [{ apiUrl, token }] = (await once(server, 'message')) as [{ apiUrl: string; token: string }]
  const cluster = await Cluster.create({ token, intents: allIntents, apiUrl, shards, threads: 2 })
  const received = new Map<string, number>()
  let connections = 0
  void (async () => {
    for await (const event of cluster) {
      if (event.type === 'SHARD_CONNECTED') connections += 1
      if (event.sessionId === '') continue
      received.set(event.sessionId, (received.get(event.sessionId) ?? 0) + 1)
    }
  })()
  await cluster.up()
  console.log(`${shards} shards are live in 2 threads; the main thread now blocks for ${blockedSeconds} s`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedSeconds * 1_000)

  server.send('stop')
  const [report] = (await once(server, 'message')) as [EmulatorReport]
  const sent = report.sessions.reduce((sum, { lastSequence }) => sum + lastSequence, 0)
  const arrived = (): number => [...received.values()].reduce((sum, count) => sum + count, 0)
  const deadline = Date.now() + 30_000
  while (arrived() < sent && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  await cluster.down()
  server.kill()

  console.log(`connections lost: ${connections - shards}`)
  console.log(`events sent: ${sent}, received: ${arrived()}`)
  console.log(`rules broken: ${report.violations.length}`)
  if (connections !== shards || arrived() !== sent || report.violations.length > 0) process.exitCode = 1
}

async function beEmulator(): Promise<void> {
  const emulator = await Emulator.start({
    shards,
    maxConcurrency: shards,
    heartbeatIntervalMs,
    traffic: { ratePerSecond: 200 },
  })
  process.send?.({ apiUrl: emulator.apiUrl, token: emulator.token })
  await once(process, 'message')
  emulator.traffic.stop()
  const { sessions, violations } = emulator.report()
  process.send?.({ sessions, violations })
  await once(process, 'disconnect')
}
