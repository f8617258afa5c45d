/**
 * A process for the crash test: a cluster whose sessions are kept in a file, and which notes each event once it has
 * handled it. SIGTERM stops it in order.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { Cluster, FileSessionStore } from 'twilight-gateway'
import { unlimitedIdentifyQueue } from 'twilight-gateway/queue'

const { values } = parseArgs({
  options: {
    token: { type: 'string', default: '' },
    gateway: { type: 'string', default: '' },
    shards: { type: 'string', default: '' },
    intents: { type: 'string', default: '' },
    sessions: { type: 'string', default: '' },
    handled: { type: 'string', default: '' },
  },
})

const cluster = await Cluster.create({
  token: values.token,
  intents: Number(values.intents),
  gatewayUrl: values.gateway,
  shards: Number(values.shards),
  identifyQueue: unlimitedIdentifyQueue,
  sessionStore: new FileSessionStore(values.sessions),
  sessionSaveIntervalMs: 100,
})
process.on('SIGTERM', () => void cluster.downResumable())
void cluster.up()

let count = 0
for await (const { sessionId, sequence } of cluster) {
  if (sequence === 0) continue
  // Slow at times, so that events wait which have been received and not handled.
  count += 1
  if (count % 50 === 0) await sleep(100)
  // Whatever handling is, it has happened when this line is in the file: the kernel keeps it through a SIGKILL.
  appendFileSync(values.handled, `${sessionId} ${sequence}\n`)
}
