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
  /** Its stdout behind the last line feed. */
  rest = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #looking = new Set<() => void>()
  #complaints = ''

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

  /** Resolves when its lines fit; rejects when it ends before. */
  async prints(fits: (lines: readonly string[]) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (fits(this.lines)) resolve()
    }
    this.#looking.add(look)
    look()
    await Promise.race([promise, this.#ended])
    this.#looking.delete(look)
    if (!fits(this.lines)) throw new Error(`it ended after ${this.lines.length} lines: ${this.#complaints}`)
  }

  #take(text: string): void {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop() ?? ''
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

/** A client of nothing but `ws` and `fetch`, which runs as a process. */
export const plainClient = fileURLToPath(new URL('plain-client.mjs', import.meta.url))

const program = fileURLToPath(new URL('../../src/bin.ts', import.meta.url))

/** Starts the package's program; resolves when clients can connect. */
export async function startProgram(
  ...words: readonly string[]
): Promise<{ readonly emulator: Running; readonly place: Place }> {
  const emulator = Running.start(process.execPath, [...sourceOptions, program, ...words])
  await emulator.prints((lines) => lines.length > 0)
  return { emulator, place: emulator.printed[0] as Place }
}
