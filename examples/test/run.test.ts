import { expect, test } from 'vitest'

import { ExampleProcess } from './example-process.ts'

/** What each example prints, in any order, once it works. */
const expected: Readonly<Record<string, readonly RegExp[]>> = {
  cluster: [/^shard 0 READY$/m, /^shard 1 READY$/m, /^shard [01] MESSAGE_CREATE$/m],
  shard: [/^logged in as twilight$/m, /^\w+: ./m],
  commands: [/^guild \d{17,19}: chunk 1 of \d+, \d+ members$/m],
}

test.for(Object.entries(expected))('%s runs offline until Ctrl-C', async ([name, patterns]) => {
  const example = ExampleProcess.node('run', [name])
  await example.prints(/DISCORD_TOKEN is not set/, ...patterns)
  example.interrupt()
  expect(await example.exitCode, example.output).toBe(0)
})

test('resume runs twice and resumes in the second run', async () => {
  const example = ExampleProcess.node('run', ['resume'])
  await example.prints(/shard 0 has a new session/, /shard 1 has a new session/)
  example.interrupt()
  await example.prints(/^2 sessions saved/m, /starting resume again/, /shard 0 resumed/, /shard 1 resumed/)
  example.interrupt()
  expect(await example.exitCode, example.output).toBe(0)
  expect(example.output.match(/^2 sessions saved/gm)).toHaveLength(2)
  expect(example.output.match(/has a new session/g)).toHaveLength(2)
})

test('under npm, an example ends by itself after --seconds', async () => {
  const example = ExampleProcess.npm('cluster', '--seconds', '5')
  expect(await example.exitCode, example.output).toBe(0)
  expect(example.output).toMatch(/SHARD_CLOSED\n$/)
})

test('without a name, all examples are listed', async () => {
  const usage = ExampleProcess.npm()
  expect(await usage.exitCode).toBe(0)
  for (const name of [...Object.keys(expected), 'resume']) expect(usage.output).toContain(`\n  ${name} `)
})

test.for([
  { args: ['nonsense'], message: 'there is no example "nonsense", choose one of: cluster, ' },
  { args: ['shard', 'cluster'], message: 'one example at a time, got "shard cluster"' },
  { args: ['shard', '--seconds', 'many'], message: '--seconds must be a number above 0, got "many"' },
  { args: ['--fast'], message: "Unknown option '--fast'" },
])('$args is refused', async ({ args, message }) => {
  const refused = ExampleProcess.npm(...args)
  expect(await refused.exitCode).toBe(2)
  expect(refused.output).toContain(message)
})
