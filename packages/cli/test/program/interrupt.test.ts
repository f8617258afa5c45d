import { join } from 'node:path'
import { expect, test } from 'vitest'

import { node, Program } from '../support/program.ts'

const fixture = join(import.meta.dirname, '..', 'support', 'stubborn.ts')

test('Ctrl-C asks once, its echo from npm changes nothing, and the next one ends a program that does not stop', async () => {
  await using program = new Program([], {}, [...node, fixture])
  await program.until(/waiting\n/)
  program.interrupt()
  await program.until(/asked to stop\n/)
  program.interrupt()
  // Written a second after the first: the second came in between and was its echo.
  await program.until(/still here\n/)
  program.interrupt()
  expect(await program.ended).toMatchObject({
    code: 130,
    stdout: 'waiting\nasked to stop\nstill here\n',
    stderr: '',
  })
})
