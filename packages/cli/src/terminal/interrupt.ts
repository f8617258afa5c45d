/** Signals so shortly after the first one are the same key press: npm passes on what the terminal has sent already. */
const echoMs = 500

/** Ctrl-C and SIGTERM: the first asks for an orderly stop, the next one ends the process at once. */
export class Interrupt {
  readonly #controller = new AbortController()
  #firstAtMs: number | undefined

  constructor() {
    process.on('SIGINT', this.#handle)
    process.on('SIGTERM', this.#handle)
  }

  /** Aborts at the first one. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Leaves signals to Node's defaults again. */
  close(): void {
    process.off('SIGINT', this.#handle)
    process.off('SIGTERM', this.#handle)
  }

  readonly #handle = (): void => {
    const nowMs = performance.now()
    this.#firstAtMs ??= nowMs
    this.#controller.abort()
    if (nowMs - this.#firstAtMs > echoMs) process.exit(130)
  }
}
