import { spawn } from 'node:child_process'

/** How a program ended and what it wrote. */
export interface ProgramEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a TypeScript file as a process of its own, with the sources of the workspace; `code` is null if it hangs. */
export async function runProgram(
  file: string,
  env: NodeJS.ProcessEnv = {},
  options: readonly string[] = [],
): Promise<ProgramEnd> {
  // Node.js 22.15 strips types only when asked to.
  const strip = process.features.typescript ? [] : ['--experimental-strip-types', '--no-warnings']
  const child = spawn(process.execPath, ['--conditions=twilight-source', ...strip, ...options, file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that hangs must not outlive its test.
    timeout: 50_000,
    killSignal: 'SIGKILL',
  })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text))
  }
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject).once('close', resolve)
  const code = await promise
  return { code, ...written }
}
