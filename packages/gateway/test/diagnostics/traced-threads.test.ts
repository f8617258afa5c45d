import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { expect, test } from 'vitest'

import { runProgram } from '../support/run-program.ts'

test('of shards in threads, connections are told in the main thread and payloads in theirs', async () => {
  const preload = pathToFileURL(join(import.meta.dirname, 'every-thread.ts')).href
  const program = join(import.meta.dirname, 'traced-threads.ts')
  const { code, stdout, stderr } = await runProgram(program, {}, [`--import=${preload}`])
  expect([code, stderr]).toEqual([0, ''])
  const lines = stdout.trim().split('\n')
  expect(lines.filter((line) => line.startsWith('0 '))).toEqual([
    '0 connection connecting 0',
    '0 connection disconnected 0',
  ])
  expect(lines).toEqual(
    expect.arrayContaining(['1 payload in 10 0', '1 payload out 2 0', '1 payload in 0 0']),
  )
}, 60_000)
