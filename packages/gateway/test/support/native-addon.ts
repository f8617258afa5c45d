import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const buildTimeoutMs = 240_000
const cache = join(import.meta.dirname, '../../../../node_modules/.cache/twilight-addons')

/** A package with native code, installed and compiled for this Node in a folder of its own. */
export interface NativeAddon {
  /** Where it is: for NODE_PATH. */
  readonly nodePath: string
  /** What it exports; `undefined` if there is a problem. */
  readonly exports: unknown
  /** Why it cannot be had here. */
  readonly problem: string | undefined
}

/**
 * Installs a package that compiles native code, once per machine and Node, or says why it cannot be had: there
 * is no compiler, or no registry. It is no dependency of the project's, since `npm ci` must work without a compiler, and
 * node-gyp would ask the network for Node's headers, which lie beside the Node that runs this.
 */
export async function nativeAddon(name: string, version: string): Promise<NativeAddon> {
  const folder = join(cache, `${name}-${version}-node-${process.versions.modules}-${process.arch}`)
  const nodePath = join(folder, 'node_modules')
  try {
    if (!existsSync(folder)) await build(`${name}@${version}`, folder)
    const exports: unknown = createRequire(join(folder, 'package.json'))(name)
    return { nodePath, exports, problem: undefined }
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string }
    const why = stderr.split('\n').find((line) => /gyp ERR! (stack|not ok)|npm error/.test(line)) ?? message
    const problem = `${name}@${version} cannot be installed and compiled here: ${why.slice(0, 300)}`
    // The reporter does not show why a test is skipped.
    process.stderr.write(`skipped: ${problem}\n`)
    return { nodePath, exports: undefined, problem }
  }
}

async function build(specifier: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  // Built beside its place and moved there whole: another process may do the same.
  const draft = await mkdtemp(join(cache, 'building-'))
  try {
    const name = specifier.slice(0, specifier.lastIndexOf('@'))
    await writeFile(
      join(draft, 'package.json'),
      JSON.stringify({ private: true, allowScripts: { [name]: true } }),
    )
    const settings = [
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      '--fetch-retries=1',
      '--ignore-scripts=false',
    ]
    await run('npm', ['install', specifier, ...settings, ...headers()], {
      cwd: draft,
      timeout: buildTimeoutMs,
    })
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** The headers of the Node that runs this, which come with it; else node-gyp downloads them. */
function headers(): string[] {
  const bin = dirname(process.execPath)
  const roots = [dirname(bin), ...globSync(join(dirname(bin), 'node_modules/node-*'))]
  const found = roots.find((root) => existsSync(join(root, 'include/node/node.h')))
  return found === undefined ? [] : [`--nodedir=${found}`]
}
