/** A process for the crash test of the file store: saves without pause, and notes what it was promised to be saved. */
import { appendFileSync } from 'node:fs'

import { FileSessionStore } from 'twilight-gateway/store'

const [path = '', notedPath = ''] = process.argv.slice(2)
const store = new FileSessionStore(path)
const shardCount = 40

for (let sequence = 1; ; sequence += 1) {
  const saves = Array.from({ length: shardCount }, (_, shardId) =>
    store.save({ sessionId: 'f'.repeat(32), sequence, shardId, shardCount }),
  )
  await Promise.all(saves)
  appendFileSync(notedPath, `${sequence}\n`)
}
