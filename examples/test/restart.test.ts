import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

test('restart proves that a killed bot misses nothing', async () => {
  const example = join(import.meta.dirname, '..', 'restart.ts')
  const run = promisify(execFile)
  // A code other than 0 rejects.
  const { stdout } = await run(process.execPath, ['--conditions=twilight-source', example])
  expect(stdout).toMatch(/^the bot handled \d+ events and was killed with SIGKILL$/m)
  expect(stdout).toMatch(/resumed 2 of 2 sessions, and identified 0 more/)
  expect(stdout).toMatch(/it missed 0 and handled \d+ twice/)
})
