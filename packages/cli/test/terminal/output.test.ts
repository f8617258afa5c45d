import { Writable } from 'node:stream'
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { Output } from '../../src/terminal/output.ts'

beforeAll(() => {
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', '1')
})

/** A standard output, and what was written to it since the last look. */
function stream({ isTTY = true, columns = 40 } = {}): { stdout: NodeJS.WriteStream; written: () => string } {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  const stdout = Object.assign(sink, { isTTY, columns }) as unknown as NodeJS.WriteStream
  return { stdout, written: () => Buffer.concat(chunks.splice(0)).toString() }
}

const erase = '\r\u001b[J'

describe('on a terminal', () => {
  test('lines go above the status line, which is drawn again below them', () => {
    const { stdout, written } = stream()
    const output = new Output(stdout, {})
    output.print('first')
    output.status([{ text: 'status' }])
    expect(written()).toBe('first\n\u001b[?25lstatus')
    output.print('second')
    expect(written()).toBe(`${erase}second\nstatus`)
  })

  test('parts that do not fit are left out whole, the first is cut', () => {
    const { stdout, written } = stream({ columns: 20 })
    const output = new Output(stdout, {})
    output.status([{ text: 'eight ch' }, { text: 'nine char' }, { text: 'x' }])
    expect(written()).toBe('\u001b[?25leight ch  nine char')
    output.status([{ text: 'more than twenty columns' }, { text: 'x' }])
    expect(written()).toBe(`${erase}more than twenty c…`)
  })

  test('a terminal that became narrower has wrapped the line: all its rows are cleared', () => {
    const { stdout, written } = stream({ columns: 40 })
    const output = new Output(stdout, {})
    output.status([{ text: 'thirty columns of status line.' }, { text: 'more' }])
    written()
    stdout.columns = 16
    stdout.emit('resize')
    // 36 columns are three rows of 16.
    expect(written()).toBe('\r\u001b[2A\u001b[Jthirty columns…')
  })

  test('the end takes the status line away and gives the cursor back, once', () => {
    const { stdout, written } = stream()
    const output = new Output(stdout, {})
    output.status([{ text: 'status' }])
    written()
    output.clearStatus()
    expect(written()).toBe(`${erase}\u001b[?25h`)
    output.close()
    expect(written()).toBe('')
    expect(stdout.listenerCount('resize')).toBe(0)
  })

  test('a terminal without a size has 80 columns', () => {
    const output = new Output(stream({ columns: 0 }).stdout, {})
    expect(output.columns).toBe(80)
  })
})

test.each([
  ['a pipe', { isTTY: false }, {}],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }],
])('%s gets lines only, as long as they are', (_name, kind, environment) => {
  const { stdout, written } = stream(kind)
  const output = new Output(stdout, environment)
  output.status([{ text: 'status' }])
  output.print('line')
  output.clearStatus()
  expect(written()).toBe('line\n')
  expect(output.columns).toBe(Infinity)
})

test('when the reader goes away, writing ends', () => {
  const { stdout, written } = stream({ isTTY: false })
  const output = new Output(stdout, {})
  stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  output.print('line')
  expect(output.gone.aborted).toBe(true)
  expect(written()).toBe('')
})
