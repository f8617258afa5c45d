import { homedir } from 'node:os'
import { extname } from 'node:path'
import { describe, expect, test } from 'vitest'

import { manifestOf, publishedFolders, read, root, sourceFiles } from './repository.ts'

const files = sourceFiles()
const programs = files.filter((path) => path.endsWith('.ts'))
const texts = files.filter((path) => ['.ts', '.md', '.json', '.js', ''].includes(extname(path)))

/** The lines that match, as `path:line: text`. */
function linesLike(paths: readonly string[], matches: (line: string) => boolean): string[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (matches(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )
}

/** Whether a path occurs in a line, and not as the end of a longer one. */
function mentions(line: string, path: string): boolean {
  return line
    .split(path)
    .slice(0, -1)
    .some((before) => !/[\w.~-]$/.test(before))
}

test('the files were found', () => {
  expect(programs.length).toBeGreaterThan(150)
  expect(texts).toEqual(expect.arrayContaining(['README.md', 'package-lock.json', '.ci/run', '.npmrc']))
})

describe('shape', () => {
  test('no source file has more than 400 lines', () => {
    const long = programs.filter((path) => read(path).trimEnd().split('\n').length > 400)
    expect(long).toEqual([])
  })

  test('files and folders are named in kebab-case', () => {
    const wrong = programs.filter((path) => !/^([a-z0-9]+[-/])*[a-z0-9]+(\.[a-z0-9-]+)*\.ts$/.test(path))
    expect(wrong).toEqual([])
  })

  test('nothing is named after what it is not: no managers, helpers or utilities', () => {
    const words = /(^|[-/])(managers?|helpers?|utils?|utilities|common|misc|impl)([-/.]|$)/
    expect(programs.filter((path) => words.test(path))).toEqual([])
    // Types live where what they describe lives.
    expect(programs.filter((path) => /\/src\/(.*[-/])?(types|interfaces)[-/.]/.test(path))).toEqual([])
    const declared =
      /^(export )?(abstract )?(class|interface|type|function|const) \w*(Manager|Helper|Util|Impl)/
    expect(linesLike(programs, (line) => declared.test(line))).toEqual([])
  })
})

describe('nothing of the machine it was written on', () => {
  test('no path', () => {
    const places = ['/home/', '/Users/', '/root/', `${root}/`, `${homedir()}/`].filter(
      ({ length }) => length > 1,
    )
    const others = texts.filter((path) => path !== 'test/tree.test.ts')
    expect(linesLike(others, (line) => places.some((place) => mentions(line, place)))).toEqual([])
    expect(mentions(`at ${root}/test`, `${root}/`)).toBe(true)
  })

  test('no host but public ones', () => {
    const known = new Set([
      'cdn.discordapp.com',
      'discord.com',
      'discord.gg',
      'docs.discord.com',
      'example.com',
      'gateway.discord.gg',
      'github.com',
      'media.discordapp.net',
      'nodejs.org',
      'www.npmjs.com',
    ])
    const hosts = texts
      .filter((path) => path !== 'package-lock.json')
      .flatMap((path) =>
        Array.from(
          read(path).matchAll(/\b(?:https?|wss?):\/\/(?:[^/\s@'"`]*@)?([a-z0-9.-]+)/gi),
          ([, host = '']) => ({
            path,
            host,
          }),
        ),
      )
      // Loopback, names of one label, and what is reserved for tests.
      .filter(({ host }) => host.includes('.') && !/^127\.|\.(test|example|invalid|localhost)$/i.test(host))
    expect(hosts.length).toBeGreaterThan(0)
    expect(hosts.filter(({ host }) => !known.has(host.toLowerCase()))).toEqual([])
  })

  test('the lockfile names no registry, and .npmrc keeps it so', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>
    }
    const locked = Object.values(packages)
    // What is resolved is a workspace, by its folder.
    const resolved = locked.flatMap((entry) => entry.resolved ?? [])
    expect(resolved.filter((where) => !sourceFiles().includes(`${where}/package.json`))).toEqual([])
    expect(locked.filter(({ integrity }) => integrity?.startsWith('sha512-')).length).toBeGreaterThan(50)
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true')
    expect(read('.npmrc')).not.toMatch(/^\W*(@.*:)?registry\b|_auth/m)
  })
})

describe('packages', () => {
  const manifests = publishedFolders.map(manifestOf)
  const { version } = manifestOf('packages/gateway')

  test('are published in step', async () => {
    expect(new Set(manifests.map((manifest) => manifest.version))).toEqual(new Set([version]))
    for (const folder of [...publishedFolders, 'examples']) {
      const { dependencies = {}, devDependencies = {} } = manifestOf(folder)
      const ours = Object.entries({ ...devDependencies, ...dependencies }).filter(([name]) =>
        name.startsWith('twilight-'),
      )
      expect(new Set([version, ...ours.map(([, range]) => range)]), folder).toEqual(new Set([version]))
    }
    const source = (await import('../packages/gateway/src/protocol/user-agent.ts')).version
    expect(source).toBe(version)
    expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version)
  })

  test('demand the oldest Node.js that the tests run on, and say so', () => {
    const [, oldest = ''] = /oldest = '(\d+\.\d+)\.0'/.exec(read('scripts/test-oldest-node.ts')) ?? []
    expect(manifests.map(({ engines }) => engines)).toEqual(manifests.map(() => ({ node: `>=${oldest}` })))
    for (const folder of ['.', ...publishedFolders]) {
      expect(read(`${folder}/README.md`), folder).toContain(`Node.js ${oldest}`)
    }
  })

  test('are developed on one major version of Node.js and its types', () => {
    const { devDependencies = {} } = manifestOf('.')
    const [runtime, types] = [devDependencies['node'], devDependencies['@types/node']]
    expect(types?.split('.')[0]).toBe(runtime?.split('.')[0])
  })

  test('say what they are and under which licence', () => {
    const license = read('LICENSE')
    for (const [index, { name, description, license: identifier }] of manifests.entries()) {
      expect(description?.length, name).toBeGreaterThan(30)
      expect(identifier).toBe('ISC')
      expect(read(`${publishedFolders[index] ?? ''}/LICENSE`), name).toBe(license)
    }
  })

  test('only node may run an install script', () => {
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: unknown }
    expect(allowScripts).toEqual({ node: true })
  })
})
