import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

import { read, sourceFiles } from './repository.ts'

/** The rows of ARCHITECTURE.md's import table, by place: `| \`gateway/wire\` | protocol, errors | …`. */
function importTable(): ReadonlyMap<string, ReadonlySet<string>> {
  const section = read('ARCHITECTURE.md').split('## Who may import whom')[1]?.split('\n## ')[0] ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` +\| ([^|]*) \|/gm)
  return new Map(
    Array.from(rows, ([, place = '', allowed = '']) => [place, new Set(allowed.match(/[\w@./:-]+/g) ?? [])]),
  )
}

const sources = sourceFiles('packages').filter((path) => /^packages\/\w+\/src\/.*\.ts$/.test(path))
const table = importTable()

/** `gateway/wire` for a file in a folder, `gateway/errors` for one beside the folders. */
function placeOf(file: string): string {
  const [, packageName = '', , first = ''] = file.split('/')
  return `${packageName}/${first.replace(/\.ts$/, '')}`
}

/** The row that speaks for a place: its own, or that of its package. */
function rowOf(place: string): string {
  return table.has(place) ? place : place.replace(/\/.*/, '')
}

/** Modules that a file imports. */
function importsOf(file: string): string[] {
  const statements = /(?:^(?:import|export)\s+(?:[\w*{},\s$]+\sfrom\s+)?|\bimport\()['"]([^'"]+)['"]/gm
  return Array.from(read(file).matchAll(statements), ([, specifier = '']) => specifier)
}

/** The place that an import leads to, a package's name, or `undefined` for Node's own modules. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  if (specifier.startsWith('.')) return placeOf(normalize(join(dirname(file), specifier)))
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isAllowed(place: string, target: string): boolean {
  const row = rowOf(place)
  const allowed = table.get(row) ?? new Set()
  const isOurs = table.has(rowOf(target))
  if (!isOurs) return allowed.has(target) || allowed.has('everything')
  const [packageName = '', name = ''] = target.split('/')
  if (packageName !== place.split('/')[0]) return false
  return rowOf(target) === row || row === packageName || allowed.has(name) || allowed.has('everything')
}

test('the table covers every source file', () => {
  expect(sources.length).toBeGreaterThan(150)
  expect([...new Set(sources.map(placeOf))].filter((place) => !table.has(rowOf(place)))).toEqual([])
})

test('nothing in the table has gone', () => {
  const rows = new Set(sources.map((file) => rowOf(placeOf(file))))
  expect([...table.keys()].filter((row) => !rows.has(row))).toEqual([])
})

test('every import is allowed by the table', () => {
  const imports = sources.flatMap((file) =>
    importsOf(file).flatMap((specifier) => {
      const target = targetOf(file, specifier)
      return target === undefined || target === placeOf(file) ? [] : [{ file, specifier, target }]
    }),
  )
  expect(imports.length).toBeGreaterThan(200)
  const forbidden = imports.filter(({ file, target }) => !isAllowed(placeOf(file), target))
  expect(forbidden.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
})

test('the table forbids what it is there for', () => {
  expect(isAllowed('gateway/session', 'gateway/shard')).toBe(false)
  expect(isAllowed('gateway/session', 'ws')).toBe(false)
  expect(isAllowed('gateway/shard', 'twilight-emulator')).toBe(false)
  expect(isAllowed('emulator/server', 'twilight-gateway')).toBe(false)
  expect(isAllowed('emulator/server', 'gateway/protocol')).toBe(false)
  expect(isAllowed('gateway/wire', 'ws')).toBe(true)
})
