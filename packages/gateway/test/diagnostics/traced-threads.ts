/** A program whose shards live in a thread: it writes the connection messages that reach the main thread. */
import { threadId } from 'node:worker_threads'

import { Emulator } from 'twilight-emulator'

import { subscribe } from '../../src/diagnostics/index.ts'
import { Cluster, unlimitedIdentifyQueue } from '../../src/index.ts'

subscribe('twilight-gateway:connection', ({ kind, shardId }) => {
  process.stdout.write(`${threadId} connection ${kind} ${shardId}\n`)
})

const emulator = await Emulator.start({ world: { guilds: 1 } })
const cluster = await Cluster.create({
  token: emulator.token,
  gatewayUrl: emulator.url,
  identifyQueue: unlimitedIdentifyQueue,
  intents: 1,
  shards: 1,
  threads: 1,
})
await cluster.up()
await cluster.down()
await emulator.stop()
