import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { manifestOf, publishedFolders, root } from './repository.ts'

/** What `npm pack` says of a tarball. */
export interface Tarball {
  readonly name: string
  readonly version: string
  readonly filename: string
  /** Bytes of the tarball. */
  readonly size: number
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[]
}

const run = promisify(execFile)

/** Runs a program in a folder and resolves with what it printed; what it printed is also in the error of a failure. */
export async function runIn(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}

/** Runs a script of Node.js, or a program written for it, on the Node.js of this process. */
export function node(folder: string, ...args: readonly string[]): Promise<string> {
  return runIn(folder, process.execPath, ...args)
}

/**
 * Builds and packs the published packages as the release does, but in a copy of the sources, so that tests that run
 * beside this one see no `dist` come and go.
 */
export async function packAll(workFolder: string): Promise<readonly Tarball[]> {
  const tree = join(workFolder, 'tree')
  await mkdir(join(tree, 'node_modules'), { recursive: true })
  for (const name of ['package.json', 'tsconfig.base.json', 'scripts']) {
    await cp(join(root, name), join(tree, name), { recursive: true })
  }
  for (const folder of publishedFolders) {
    const dist = join(root, folder, 'dist')
    await cp(join(root, folder), join(tree, folder), { recursive: true, filter: (path) => path !== dist })
    await symlink(join(tree, folder), join(tree, 'node_modules', manifestOf(folder).name), 'dir')
  }
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name.startsWith('twilight-') || name.startsWith('.')) continue
    await symlink(join(root, 'node_modules', name), join(tree, 'node_modules', name), 'dir')
  }
  await node(tree, join('scripts', 'build.ts'))
  const folders = publishedFolders.map((folder) => `./${folder}`)
  const packed = await runIn(
    tree,
    'npm',
    'pack',
    ...folders,
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    workFolder,
  )
  return JSON.parse(packed) as readonly Tarball[]
}

/**
 * An empty project into which the tarballs and Node's types were installed. What they need was installed here before,
 * so npm finds it in its cache, without a network.
 */
export async function installInto(workFolder: string, tarballs: readonly Tarball[]): Promise<string> {
  const folder = join(workFolder, 'project')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  const packages = [
    ...tarballs.map(({ filename }) => join('..', filename)),
    `@types/node@${manifestOf('.').devDependencies?.['@types/node']}`,
  ]
  await runIn(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages)
  return folder
}

/** A folder outside the repository, where nothing of it can be found by accident. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'twilight-packages-'))
}
