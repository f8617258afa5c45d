import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { errorCodes } from '../packages/gateway/src/errors.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

test('docs/errors.md lists exactly the error codes, with their meanings', () => {
  const rows = Array.from(
    read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm),
    ([, code, meaning]) => [code, meaning],
  )
  expect(Object.fromEntries(rows)).toEqual(errorCodes)
})

test('every dependency of a published package has its reason in docs/dependencies.md', () => {
  const reasons = read('docs/dependencies.md')
  const names = ['gateway', 'emulator', 'cli'].flatMap((folder) => {
    const manifest = JSON.parse(read(`packages/${folder}/package.json`)) as {
      dependencies?: Record<string, string>
    }
    return Object.keys(manifest.dependencies ?? {})
  })
  const unexplained = names.filter(
    (name) => !name.startsWith('twilight-') && !reasons.includes(`\`${name}\``),
  )
  expect(unexplained).toEqual([])
})
