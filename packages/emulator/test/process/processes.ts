import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** What Node.js needs to run this repository's sources; the oldest supported one strips no types by itself. */
export const sourceOptions: readonly string[] = [
  '--conditions=twilight-source',
  ...(process.features.typescript === false
    ? ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']
    : []),
]

/** A process of the test, its output by lines; ended with the test at the latest. */
export class Running {
  /** The lines of its stdout. */
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #looking = new Set<() => void>()
  #complaints = ''
  #rest = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'close')
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text))
    onTestFinished(() => void child.kill('SIGKILL'))
  }

  static start(
    program: string,
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Running {
    return new Running(spawn(program, words, { env: { ...process.env, ...env } }))
  }

  /** What its lines hold, if each is JSON. */
  get printed(): readonly unknown[] {
    return this.lines.map((line): unknown => JSON.parse(line))
  }

  /** What its stderr said. */
  get complaints(): string {
    return this.#complaints
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves with its exit code. */
  async ended(): Promise<number | null> {
    await this.#ended
    return this.#child.exitCode
  }

  /** Resolves when it has printed so many lines; rejects when it ends before. */
  async prints(count: number): Promise<readonly unknown[]> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (this.lines.length >= count) resolve()
    }
    this.#looking.add(look)
    look()
    await Promise.race([promise, this.#ended])
    this.#looking.delete(look)
    if (this.lines.length >= count) return this.printed
    throw new Error(`it ended after ${this.lines.length} lines: ${this.#complaints}`)
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    this.lines.push(...lines)
    for (const look of this.#looking) look()
  }
}

/** Where an emulator is that runs as a process. */
export interface Place {
  readonly url: string
  readonly apiUrl: string
  readonly resumeUrl: string
  readonly controlUrl: string
  readonly token: string
}

const program = fileURLToPath(new URL('../../src/bin.ts', import.meta.url))

/** Starts the package's program; resolves when clients can connect. */
export async function startProgram(
  ...words: readonly string[]
): Promise<{ readonly emulator: Running; readonly place: Place }> {
  const emulator = runProgram(...words)
  const [place] = await emulator.prints(1)
  return { emulator, place: place as Place }
}

/** Starts the package's program. */
export function runProgram(...words: readonly string[]): Running {
  return Running.start(process.execPath, [...sourceOptions, program, ...words])
}
