import { expect, test } from 'vitest'

import { runProgram } from '../support/program.ts'

test.concurrent.each([
  [['listen', '--shards', '0'], "'0' is invalid. Expected a whole number above 0"],
  [['--frobnicate'], "unknown option '--frobnicate'"],
  [['listen', 'extra'], 'too many arguments'],
  [['listen', '--compression', 'gzip'], 'Allowed choices are zstd-stream'],
  [['listen', '--api', 'http://host'], '--api and --gateway need DISCORD_TOKEN'],
  [['emulate', '--port', '65536'], 'Expected a port from 0 to 65535'],
])('%j is refused with exit code 2', async (words, problem) => {
  const { code, stdout, stderr } = await runProgram(words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(problem)
  expect(stderr).not.toMatch(/^ +at /m)
})

test('what only the embedded emulator can do is refused with a token', async () => {
  const { code, stderr } = await runProgram(['listen', '--faults'], { DISCORD_TOKEN: 'secret-token' })
  expect(code).toBe(2)
  expect(stderr).toBe('twilight: --rate and --faults are for the embedded emulator: unset DISCORD_TOKEN\n')
})

test.concurrent.each([
  [['--help'], 'emulate [options]'],
  [['listen', '--help'], 'DISCORD_TOKEN'],
])('%j is answered with exit code 0', async (words, part) => {
  const { code, stdout, stderr } = await runProgram(words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(part)
})
