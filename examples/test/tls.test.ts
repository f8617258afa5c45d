import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const run = promisify(execFile)

test('tls proves that the right root connects and others are refused, and ends', async () => {
  const program = join(import.meta.dirname, '..', 'tls.ts')
  const { stdout } = await run(process.execPath, ['--conditions=twilight-source', program], {
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 50_000,
  })
  expect(stdout).toContain('with the root of that authority: connected')
  expect(stdout).toContain("with Mozilla's roots: refused, CONNECT_TLS")
  expect(stdout.trimEnd()).toMatch(/proved: the right root connects, others are refused$/)
})
