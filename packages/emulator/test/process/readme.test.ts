import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { ask } from '../control-client.ts'
import { plainClient, Running, startProgram } from './processes.ts'

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
const [start = '', shell = '', python = ''] = Array.from(
  readme.matchAll(/^```(?:sh|python)\n(.*?)^```$/gms),
  ([, code = '']) => code,
)

const parts = [
  { interpreter: 'sh', needed: 'curl', code: shell },
  { interpreter: 'python3', needed: 'python3', code: python },
].map((part) => ({ ...part, isHere: spawnSync(part.needed, ['--version']).status === 0 }))

for (const { needed } of parts.filter(({ isHere }) => !isHere)) {
  process.stdout.write(`skipped: what the README does with ${needed}, which is not here\n`)
}

test('the README has both', () => {
  expect(start).toContain('--port 8080')
  for (const { code } of parts) expect(code).toContain('http://127.0.0.1:8080/emulator')
})

const runnable = parts.filter(({ isHere }) => isHere)

test.for(runnable)('the five minutes of the README, in $interpreter', async ({ interpreter, code }) => {
  const words = /^npx twilight-emulator (.*?) *#/.exec(start)?.[1] ?? ''
  const { place } = await startProgram(...words.replace('8080', '0').split(' '))
  const client = Running.start(process.execPath, [plainClient], { API_URL: place.apiUrl, TOKEN: 'secret' })
  const text = code.replaceAll('http://127.0.0.1:8080/emulator', place.controlUrl)
  const script = Running.start(interpreter, interpreter === 'sh' ? ['-ec', text] : ['-c', text])
  expect(await script.ended(), script.complaints).toBe(0)
  expect(script.lines.join('') + script.rest).not.toContain('"error"')
  await client.prints((lines) => lines.includes('{"says":"hello"}'))
  const { body: resumes } = await ask(place, 'GET', '/report/resumes')
  expect(resumes).toMatchObject([{ outcome: 'resumed' }])
})
