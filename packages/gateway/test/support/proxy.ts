import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { ServerCertificate } from './private-ca.ts'

export type ProxyKind = 'http' | 'https' | 'socks'

/** A real proxy in a process of its own. */
export class Proxy {
  /** The targets of the tunnels it made, in order. */
  readonly targets: string[] = []
  readonly #child: ChildProcess
  readonly #authority: string

  private constructor(child: ChildProcess, authority: string) {
    this.#child = child
    this.#authority = authority
    child.on('message', (message: { readonly target: string }) => this.targets.push(message.target))
  }

  static async start(kind: ProxyKind, { key, cert }: ServerCertificate): Promise<Proxy> {
    const child = fork(join(import.meta.dirname, 'proxy-program.ts'), [kind, key, cert], {
      execArgv: process.features.typescript ? [] : ['--experimental-strip-types', '--no-warnings'],
    })
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    return new Proxy(child, `${kind === 'socks' ? 'socks5' : kind}://user:PASSWORD@127.0.0.1:${port}`)
  }

  /** Its URL. */
  url(password = 'right'): string {
    return this.#authority.replace('PASSWORD', password)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill()
    await once(this.#child, 'exit')
  }
}
