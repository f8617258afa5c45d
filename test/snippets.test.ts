import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Emulator } from 'twilight-emulator'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { cert, key } from '../packages/gateway/test/support/certificate.ts'
import { node } from './published-packages.ts'
import { read, root, sourceFiles } from './repository.ts'

interface Snippet {
  /** Such as `README.md-2.ts`. */
  readonly file: string
  readonly document: string
  readonly code: string
}

const documents = sourceFiles().filter((path) => path.endsWith('.md'))
const snippets: readonly Snippet[] = documents.flatMap((document) =>
  Array.from(read(document).matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ''], index) => ({
    file: `${document.replaceAll('/', '-')}-${index + 1}.ts`,
    document,
    code,
  })),
)

// Those of the emulator wait for a client to come.
const executed = snippets.filter(({ document }) => document !== 'packages/emulator/README.md')

/** Leads what asks Discord's API to the emulator instead; everything else follows from the answer. */
const redirect = `const { fetch } = globalThis
globalThis.fetch = (url, init) => fetch(url.replace('https://discord.com/api/v10', process.env.API_URL), init)
`

let folder: string

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'twilight-snippets-')))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(folder, 'redirect.js'), redirect)
  writeFileSync(join(folder, 'root.pem'), cert)
  const compilerOptions = { noEmit: true, noUnusedLocals: false }
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  for (const { file, code } of snippets) writeFileSync(join(folder, file), code)
})

afterAll(() => rmSync(folder, { recursive: true }))

test('the documents have snippets', () => {
  const sources = new Set(snippets.map(({ document }) => document))
  expect([...sources]).toEqual(
    expect.arrayContaining(['README.md', 'docs/delivery.md', 'packages/gateway/README.md']),
  )
})

test('they type-check', async () => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  expect(await node(folder, tsc, '-p', folder)).toBe('')
})

test.for(executed)('$file runs', async ({ file }) => {
  const emulator = await Emulator.start({
    shards: 2,
    maxConcurrency: 2,
    identifyWindowMs: 100,
    traffic: { ratePerSecond: 20 },
    // As Discord's: an API by https: does not lead to a gateway by ws:.
    tls: { key, cert },
  })
  onTestFinished(() => emulator.stop())
  const workFolder = join(folder, `run-${file}`)
  mkdirSync(workFolder)
  const child = spawn(
    process.execPath,
    ['--conditions=twilight-source', '--import', join(folder, 'redirect.js'), join(folder, file)],
    {
      cwd: workFolder,
      env: {
        ...process.env,
        DISCORD_TOKEN: emulator.token,
        API_URL: emulator.apiUrl,
        NODE_EXTRA_CA_CERTS: join(folder, 'root.pem'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const complaints: string[] = []
  const hasPrinted = Promise.withResolvers<void>()
  child.stdout.on('data', () => hasPrinted.resolve())
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  const ended = Promise.withResolvers<number | null>()
  child.on('close', ended.resolve)

  // A program that goes on for ever is one that works once it is ready and has printed something of what arrives.
  const ready = emulator.waitFor('identify', ({ outcome }) => outcome === 'ready', { timeoutMs: 50_000 })
  const works = Promise.all([ready, hasPrinted.promise]).then(() => 'works' as const)
  works.catch(() => undefined)
  if ((await Promise.race([ended.promise, works])) === 'works') child.kill('SIGINT')
  expect([complaints.join(''), (await ended.promise) ?? 0]).toEqual(['', 0])
})
