import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** A command that runs in a terminal of its own: what it prints, and Ctrl-C. It does not outlive the test. */
export class ExampleProcess {
  /** What was printed so far, errors included. */
  output = ''
  /** Resolves when the process has ended and all its output was read; 1 if a signal ended it. */
  readonly exitCode: Promise<number>
  readonly #child: ChildProcess
  #hasEnded = false
  #outputChanged = (): void => {}

  private constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    // A process group, so that Ctrl-C reaches everything in it, as from a terminal.
    this.#child = spawn(command, args, {
      cwd: root,
      detached: true,
      env: { ...process.env, DISCORD_TOKEN: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        this.#outputChanged()
      })
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#child.once('error', reject).once('close', (code) => {
      this.#hasEnded = true
      this.#outputChanged()
      resolve(code ?? 1)
    })
    this.exitCode = promise
    onTestFinished(() => {
      if (!this.#hasEnded) this.#signal('SIGKILL')
    })
  }

  /** `npm run example -- …`, without a token: the runner starts an emulator. */
  static npm(...args: readonly string[]): ExampleProcess {
    return new ExampleProcess('npm', ['run', '--silent', 'example', '--', ...args], {})
  }

  /** `node examples/<script>.ts …`, in an environment that may lead to an emulator. */
  static node(script: string, args: readonly string[] = [], environment = {}): ExampleProcess {
    const path = join('examples', `${script}.ts`)
    return new ExampleProcess(process.execPath, ['--conditions=twilight-source', path, ...args], environment)
  }

  /** Resolves when each pattern has matched what was printed; rejects if the process ends before. */
  async prints(...patterns: readonly RegExp[]): Promise<void> {
    for (;;) {
      const missing = patterns.filter((pattern) => !pattern.test(this.output))
      if (missing.length === 0) return
      if (this.#hasEnded) throw new Error(`ended without ${missing.join(', ')}; it printed:\n${this.output}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#outputChanged = resolve
      await promise
    }
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#signal('SIGINT')
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid !== undefined) process.kill(-pid, signal)
  }
}
