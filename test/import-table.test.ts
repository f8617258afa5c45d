import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** The rows of ARCHITECTURE.md's import table: `| \`gateway/wire\` | protocol, errors | …`. */
function importTable(): Map<string, Set<string>> {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const section = text.split('## Who may import whom')[1]?.split('\n## ')[0] ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` \| ([^|]*) \|/gm)
  return new Map(
    Array.from(rows, ([, place = '', allowed = '']) => [place, new Set(allowed.match(/[\w@./:-]+/g) ?? [])]),
  )
}

/** The row a source file belongs to: `gateway/wire` for a folder, `gateway/errors` for a file beside the folders. */
function placeOf(file: string): string {
  const [, packageName = '', , first = ''] = relative(root, file).split(sep)
  return `${packageName}/${first.replace(/\.ts$/, '')}`
}

const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).map((file) => join(root, file))
const table = importTable()

test('the table covers every folder', () => {
  expect(sources.length).toBeGreaterThan(50)
  const missing = new Set(sources.map(placeOf).filter((place) => !table.has(place)))
  expect([...missing]).toEqual([])
})

test('every import is allowed by the table', () => {
  const forbidden: string[] = []
  for (const file of sources) {
    const place = placeOf(file)
    const allowed = table.get(place) ?? new Set()
    if (allowed.has('everything')) continue
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)[^'"]*?['"]([^'"]+)['"]/gm,
    )) {
      const target = targetOf(file, specifier)
      if (
        target !== undefined &&
        target !== place &&
        !allowed.has(target.replace(/^[^/]+\//, '')) &&
        !allowed.has(target)
      ) {
        forbidden.push(`${relative(root, file)} imports ${specifier}`)
      }
    }
  }
  expect(forbidden).toEqual([])
})

test('nothing in the table has gone', () => {
  const places = new Set(sources.map(placeOf))
  expect([...table.keys()].filter((place) => !places.has(place))).toEqual([])
})

/** The row that an import leads to, a package's name, or `undefined` for Node's own modules. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  if (specifier.startsWith('.')) return placeOf(join(dirname(file), specifier))
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
}
