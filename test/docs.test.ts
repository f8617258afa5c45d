import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

import { errorCodes } from '../packages/gateway/src/errors.ts'
import { manifestOf, read, root, sourceFiles } from './repository.ts'

const documents = sourceFiles().filter((path) => path.endsWith('.md'))

/** A document without its code blocks. */
function prose(document: string): string {
  return read(document).replaceAll(/^```.*?^```$/gms, '')
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  return Array.from(prose(document).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('docs/errors.md lists exactly the error codes, with their meanings', () => {
  const rows = Array.from(
    read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\|$/gm),
    ([, code, meaning]) => [code, meaning],
  )
  expect(Object.fromEntries(rows)).toEqual(errorCodes)
})

test('docs/dependencies.md lists exactly the dependencies, with who uses them', () => {
  const users = new Map<string, Set<string>>()
  for (const path of sourceFiles().filter((file) => /(^|\/)package\.json$/.test(file))) {
    const folder = dirname(path)
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifestOf(folder)
    const user = folder === '.' ? 'root' : folder.replace('packages/', '')
    const all = { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies }
    for (const name of Object.keys(all).filter((dependency) => !dependency.startsWith('twilight-'))) {
      users.set(name, (users.get(name) ?? new Set()).add(user))
    }
  }
  expect(users.size).toBeGreaterThan(10)
  const rows = Array.from(
    read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\| (.{40,}?) +\|$/gm),
    ([, name = '', folders = '']) => [name, new Set(folders.split(', '))] as const,
  )
  expect(new Map(rows)).toEqual(users)
})

test('docs/features.md: what is here has a test, and what is not claims none', () => {
  const rows = Array.from(
    read('docs/features.md').matchAll(/^\| (?!\*\*)([^|]+?) +\| (✓|–)([^|]*?) +\|.*$/gm),
  )
  expect(rows.length).toBeGreaterThan(50)
  const wrong = rows.filter(([, , status, links = '']) => (status === '✓') !== /test(-d)?\.ts\)/.test(links))
  expect(wrong.map(([, feature]) => feature)).toEqual([])
})

describe('documents', () => {
  test('what they link to is there', () => {
    const broken: string[] = []
    let count = 0
    for (const document of documents) {
      for (const [, target = ''] of prose(document).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue
        count += 1
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? document : normalize(join(dirname(document), path))
        const isThere =
          existsSync(join(root, file)) && (anchor === undefined || anchorsOf(file).includes(anchor))
        if (!isThere) broken.push(`${document}: ${target}`)
      }
    }
    expect(broken).toEqual([])
    expect(count).toBeGreaterThan(20)
  })

  test('what is published links only to what is published with it', () => {
    for (const document of documents.filter((path) => path.startsWith('packages/'))) {
      const links = Array.from(prose(document).matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
      expect(
        links.filter((target) => !/^(https:|src\/|#)/.test(target)),
        document,
      ).toEqual([])
    }
  })

  test('the npm scripts that they name exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = documents.flatMap((document) =>
      Array.from(read(document).matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g), ([, run, other]) => ({
        document,
        script: run ?? other ?? '',
      })),
    )
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([])
  })

  test('the README can be read in five minutes and says how to run and test', () => {
    const readme = read('README.md')
    expect(readme.split('\n').length).toBeLessThanOrEqual(250)
    expect(readme).toMatch(/^npm ci && npm start\b/m)
    expect(readme).toMatch(/^npm ci && npm test\b/m)
  })

  test('every package, example and document is found from the README', () => {
    const readme = read('README.md')
    const pages = documents.filter((path) => path.startsWith('docs/'))
    const packages = sourceFiles('packages').flatMap((path) => /^packages\/[^/]+/.exec(path) ?? [])
    const missing = [...new Set([...pages, ...packages, 'examples'])].filter(
      (path) => !readme.includes(`(${path})`),
    )
    expect(missing).toEqual([])
  })
})
