import { join } from 'node:path'

import { expect, test } from 'vitest'

import { runProgram } from '../support/run-program.ts'

test('a subscriber that throws is an uncaught exception of the process and harms no shard', async () => {
  const { code, stdout, stderr } = await runProgram(join(import.meta.dirname, 'throwing-subscriber.ts'))
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({
    uncaught: ['connection', 'payload', 'queue', 'session'].map((name) => `the subscriber of ${name} failed`),
    guilds: 3,
    violations: [],
  })
}, 60_000)
