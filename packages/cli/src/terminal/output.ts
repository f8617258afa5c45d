import { paint, type Style } from './style.ts'
import { textWidth, truncate } from './text-width.ts'

/** A piece of the status line: it is shown whole or left out. */
export interface StatusPart {
  readonly text: string
  readonly style?: Style
}

const escape = { hideCursor: '\u001b[?25l', showCursor: '\u001b[?25h', eraseBelow: '\u001b[J' } as const
const gap = '  '

/**
 * Standard output: lines, and on a terminal below them a status line that is redrawn in place. Elsewhere the status line
 * is left out and not one escape code is written. When the reader goes away (`| head`), writing ends quietly.
 */
export class Output {
  readonly isTerminal: boolean
  readonly #stream: NodeJS.WriteStream
  readonly #gone = new AbortController()
  #status: readonly StatusPart[] = []
  /** Columns of the status line on the screen; 0 if there is none. */
  #shownWidth = 0
  #isCursorHidden = false

  constructor(stream: NodeJS.WriteStream = process.stdout, environment: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream
    this.isTerminal = stream.isTTY && environment['TERM'] !== 'dumb'
    stream.on('error', this.#failed)
    if (!this.isTerminal) return
    stream.on('resize', this.#resized)
    process.on('exit', this.#restore)
  }

  /** Aborts when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Columns that a line may take; Infinity where nothing wraps. */
  get columns(): number {
    // A pseudo-terminal that nobody gave a size says 0.
    return this.isTerminal ? this.#stream.columns || 80 : Infinity
  }

  /** Writes a line, above the status line if there is one. */
  print(line: string): void {
    this.#write(this.isTerminal ? `${this.#erase()}${line}\n${this.#drawn()}` : `${line}\n`)
  }

  /** Replaces the status line: as many parts as fit, the first one cut to what fits. */
  status(parts: readonly StatusPart[]): void {
    if (!this.isTerminal) return
    this.#status = parts
    const cursor = this.#isCursorHidden ? '' : escape.hideCursor
    this.#isCursorHidden = true
    this.#write(`${cursor}${this.#erase()}${this.#drawn()}`)
  }

  /** Takes the status line away. */
  clearStatus(): void {
    this.#status = []
    this.#restore()
  }

  /** Takes the status line away for good and lets go of the stream. */
  close(): void {
    this.clearStatus()
    process.off('exit', this.#restore)
    this.#stream.off('resize', this.#resized)
  }

  /** Escape codes that put the cursor where the status line began and clear from there. */
  #erase(): string {
    if (this.#shownWidth === 0) return ''
    // A terminal that became narrower has wrapped the line.
    const rowsAbove = Math.ceil(this.#shownWidth / this.columns) - 1
    return `\r${rowsAbove > 0 ? `\u001b[${rowsAbove}A` : ''}${escape.eraseBelow}`
  }

  #drawn(): string {
    // The last column stays free: writing into it makes some terminals wrap.
    const shown = fitting(this.#status, this.columns - 1)
    this.#shownWidth = textWidth(shown.map(({ text }) => text).join(gap))
    return shown.map(({ text, style }) => paint(style, text)).join(gap)
  }

  readonly #resized = (): void => {
    if (this.#shownWidth > 0) this.#write(`${this.#erase()}${this.#drawn()}`)
  }

  readonly #restore = (): void => {
    if (!this.#isCursorHidden) return
    this.#isCursorHidden = false
    this.#write(`${this.#erase()}${escape.showCursor}`)
    this.#shownWidth = 0
  }

  readonly #failed = (): void => {
    this.#gone.abort()
  }

  #write(text: string): void {
    if (!this.#gone.signal.aborted) this.#stream.write(text)
  }
}

function fitting(parts: readonly StatusPart[], columns: number): readonly StatusPart[] {
  const [first, ...others] = parts
  if (first === undefined) return []
  const shown = [{ ...first, text: truncate(first.text, columns) }]
  let room = columns - textWidth(first.text)
  for (const part of others) {
    room -= gap.length + textWidth(part.text)
    if (room < 0) break
    shown.push(part)
  }
  return shown
}
