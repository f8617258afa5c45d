import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const run = promisify(execFile)

test.each([
  ['members', /^5000 of 5000 members received\n$/m],
  ['threads', /^connections lost: 0\nevents sent: (\d+), received: \1\nrules broken: 0\n$/m],
  ['reshard', /^6 shards took over from 2\n\d+ messages sent, 0 missed, 0 came twice\n$/m],
  ['metrics', /^MESSAGE_CREATE: Discord's side sent 100, Prometheus reads 100\n[^]*\n\d+ series in all\n$/m],
  ['tracing', /^\{"level":30,.*\n[^]*\n\d+ lines, \d+ payloads sent, the token in none of them\n$/m],
])('the example %s proves what it says and ends by itself', async (name, output) => {
  const program = join(import.meta.dirname, '..', 'run.ts')
  const { DISCORD_TOKEN: _, ...env } = process.env
  const { stdout, stderr } = await run(process.execPath, ['--conditions=twilight-source', program, name], {
    env: { ...env, BLOCKED_SECONDS: '3' },
    timeout: 50_000,
  })
  expect(stderr).toBe('')
  expect(stdout).toMatch(output)
})
