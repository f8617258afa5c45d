import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** What Node is started with for a TypeScript program with the library from source; before 22.18 it has to be told. */
export const programArguments = [
  '--conditions=twilight-source',
  ...(process.features.typescript ? [] : ['--experimental-strip-types', '--no-warnings']),
]

/** Runs a TypeScript program in a process of its own; what it prints is JSON. */
export async function runProgram(path: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await run(process.execPath, [...programArguments, path], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    timeout: 60_000,
  })
  return JSON.parse(stdout)
}
