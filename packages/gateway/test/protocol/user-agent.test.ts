import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { userAgent, version } from '../../src/protocol/user-agent.ts'

const manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as Record<string, unknown>

test('the version is that of the package', () => {
  expect(version).toBe(manifest['version'])
})

test('the user agent has the form that Discord asks for, and names the package and its version', () => {
  expect(userAgent).toMatch(/^DiscordBot \(https:\/\/\S+, \d+\.\d+\.\d+\S*\)$/)
  expect(userAgent).toContain(`/${String(manifest['name'])}, ${version})`)
})
