import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { emptyFolder, installInto, node, packAll, runIn, type Tarball } from './published-packages.ts'
import { manifestOf, publishedFolders, root } from './repository.ts'

/** Most bytes that a tarball may have. */
const largestBytes: Readonly<Record<string, number>> = {
  'twilight-gateway': 420_000,
  'twilight-emulator': 340_000,
  'twilight-cli': 80_000,
}

const program = `import { Emulator } from 'twilight-emulator'
import { Cluster, Intents, type GatewayEvent } from 'twilight-gateway'

await using emulator = await Emulator.start({ shards: 2, maxConcurrency: 2, traffic: { ratePerSecond: 50 } })
const { token, apiUrl } = emulator
await using cluster = await Cluster.create({ token, apiUrl, intents: Intents.Guilds | Intents.GuildMessages })
void cluster.up()
const name = (event: GatewayEvent): string | undefined =>
  event.type === 'MESSAGE_CREATE' ? event.data.author.username : undefined
for await (const event of cluster) if (name(event) !== undefined) break
console.log(emulator.report().violations.length, cluster.shards.size)
`

let folder: string
let tarballs: readonly Tarball[]
let project: string

beforeAll(async () => {
  folder = await emptyFolder()
  tarballs = await packAll(folder)
  project = await installInto(folder, tarballs)
  await writeFile(join(project, 'program.ts'), program)
}, 300_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('tarballs', () => {
  test('there is one of each package', () => {
    expect(tarballs.map(({ name }) => name)).toEqual(Object.keys(largestBytes))
  })

  test('they hold the build, its sources and what npm shows, and nothing else', () => {
    for (const { name, files } of tarballs) {
      const paths = files.map(({ path }) => path)
      const strange = paths.filter(
        (path) => !/^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)|src\/.+\.ts)$/.test(path),
      )
      expect(strange.toSorted(), name).toEqual(['LICENSE', 'README.md', 'package.json'])
      expect(
        paths.filter((path) => /\btests?\b|\.tsbuildinfo/.test(path)),
        name,
      ).toEqual([])
      for (const path of paths.filter((source) => source.startsWith('src/'))) {
        const built = path.replace(/^src\//, 'dist/').replace(/\.ts$/, '')
        expect(paths, name).toEqual(expect.arrayContaining([`${built}.js`, `${built}.d.ts`]))
      }
    }
  })

  test('they stay small', () => {
    for (const { name, size } of tarballs) expect(size, name).toBeLessThan(largestBytes[name] ?? 0)
  })

  test('the program can be executed', () => {
    const { files } = tarballs.find(({ name }) => name === 'twilight-cli') ?? { files: [] }
    expect(files.find(({ path }) => path === 'dist/bin.js')?.mode.toString(8)).toBe('755')
  })
})

describe('installed in an empty project', () => {
  test('every subpath can be imported, and nothing else', async () => {
    const attempts: string[] = []
    for (const { name, exports = {} } of publishedFolders.map(manifestOf)) {
      for (const subpath of Object.keys(exports)) {
        const attributes = subpath.endsWith('.json') ? ", { with: { type: 'json' } }" : ''
        attempts.push(`await import('${name}${subpath.slice(1)}'${attributes})`)
      }
      const hidden = `import('${name}/dist/index.js').then(() => process.exit(1), (error) => error.code)`
      attempts.push(`console.log(await ${hidden})`)
    }
    expect(attempts.length).toBeGreaterThan(6)
    await writeFile(join(project, 'imports.mjs'), attempts.join('\n'))
    const refused = 'ERR_PACKAGE_PATH_NOT_EXPORTED\n'
    expect(await node(project, 'imports.mjs')).toBe(refused.repeat(publishedFolders.length))
  })

  test('CommonJS may require them', async () => {
    const required = "require('twilight-emulator').Emulator && require('twilight-gateway').Cluster.name"
    expect(await node(project, '--print', required)).toBe('Cluster\n')
  })

  test('a program type-checks strictly, declarations included', async () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const options =
      '--noEmit --strict --module nodenext --target es2024 --lib es2024,esnext.disposable --types node'
    expect(await node(project, tsc, ...options.split(' '), 'program.ts')).toBe('')
    // The types do not give way to any: what does not exist is an error.
    await writeFile(join(project, 'wrong.ts'), program.replace('.author.username', '.author.usernam'))
    const wrong = node(project, tsc, ...options.split(' '), 'wrong.ts')
    await expect(wrong).rejects.toThrow(/TS2551.*'usernam'/)
  })

  test('the program runs', async () => {
    expect(await node(project, 'program.ts')).toBe('0 2\n')
  })

  test('twilight shows its help and its version', async () => {
    const { version } = manifestOf('packages/cli')
    expect(await runIn(project, 'npx', '--no-install', 'twilight', '--help')).toContain('emulate')
    expect(await runIn(project, 'npx', '--no-install', 'twilight', '--version')).toBe(`${version}\n`)
  })

  test('twilight runs a cluster offline and misses nothing', async () => {
    const options = ['--shards', '2', '--seconds', '5', '--faults', '--json']
    const printed = await runIn(project, 'npx', '--no-install', 'twilight', ...options)
    expect(JSON.parse(printed)).toMatchObject({ ready: 2, missed: 0, duplicates: 0, violations: 0 })
  })
})
