import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

/** Words that run TypeScript; the oldest Node.js supported does so on request only. */
export const node: readonly string[] = [
  process.execPath,
  ...(process.features.typescript
    ? []
    : ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']),
]

const bin = join(import.meta.dirname, '..', '..', 'src', 'bin.ts')

/** Words that start the program from its source, as `npm start` does. */
export const command: readonly string[] = [...node, '--conditions=twilight-source', bin]

const influences: ReadonlySet<string> = new Set([
  // Node.js takes the terminal of a CI for one without colours.
  'CI',
  'DISCORD_TOKEN',
  'FORCE_COLOR',
  'NO_COLOR',
  'NODE_OPTIONS',
  'npm_lifecycle_event',
])

/** The environment of this process, without what would change what the program does. */
export function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !influences.has(name))
  return { ...Object.fromEntries(rest), ...extra }
}

/** How a program ended, and all that it wrote. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A running program. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #ended: Promise<Ended>
  #stdout = ''
  #stderr = ''
  readonly #waiters = new Set<() => void>()

  constructor(words: readonly string[], extra: NodeJS.ProcessEnv = {}, [file = '', ...rest] = command) {
    const child = spawn(file, [...rest, ...words], {
      env: environment(extra),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#wrote((this.#stdout += text)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    const { promise, resolve, reject } = Promise.withResolvers<Ended>()
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
      this.#wrote('')
    })
    this.#ended = promise
  }

  /** What it has written to standard output so far. */
  get stdout(): string {
    return this.#stdout
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Ended> {
    return this.#ended
  }

  /** Resolves with the match once standard output matches; rejects if the program ends without. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = (): void => {
      if (pattern.test(this.#stdout)) resolve()
    }
    this.#waiters.add(check)
    check()
    await Promise.race([promise, this.#ended])
    this.#waiters.delete(check)
    const match = pattern.exec(this.#stdout)
    if (match) return match
    throw new Error(`ended without ${String(pattern)}:\n${this.#stdout}\n${this.#stderr}`)
  }

  /** Sends what Ctrl-C sends. */
  interrupt(): void {
    this.child.kill('SIGINT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.#ended
  }

  #wrote(_text: string): void {
    for (const check of this.#waiters) check()
  }
}

/** Runs the program to its end. */
export async function runProgram(words: readonly string[], extra?: NodeJS.ProcessEnv): Promise<Ended> {
  await using program = new Program(words, extra)
  return await program.ended
}
