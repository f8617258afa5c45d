/** What `node --import` runs in every thread: it writes the payload messages of this one. */
import { threadId } from 'node:worker_threads'

import { subscribe } from '../../src/diagnostics/index.ts'

subscribe('twilight-gateway:payload', ({ direction, op, shardId }) => {
  process.stdout.write(`${threadId} payload ${direction} ${op} ${shardId}\n`)
})
