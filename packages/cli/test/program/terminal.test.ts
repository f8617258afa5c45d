import { spawnSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'

import { textWidth } from '../../src/terminal/text-width.ts'
import { MuteServer } from '../support/port.ts'
import { command, Program } from '../support/program.ts'

/** `script` of util-linux gives a program a real pseudo-terminal; other systems' scripts take other options. */
const hasScript =
  process.platform === 'linux' && /util-linux/.test(String(spawnSync('script', ['--version']).stdout))
const reason = 'no pseudo-terminal: needs the script program of util-linux'

/** Runs the program in a pseudo-terminal of this width; all that reached the terminal is standard output. */
function onTerminal(columns: number, words: readonly string[], extra: NodeJS.ProcessEnv = {}): Program {
  const line = `stty cols ${columns} rows 20; exec ${[...command, ...words].map((word) => `'${word}'`).join(' ')}`
  return new Program([], { TERM: 'xterm-256color', ...extra }, ['script', '-qec', line, '/dev/null'])
}

/** What the terminal showed on its lines, one after the other: the status line begins anew with every drawing. */
function shownLines(written: string): string[] {
  return written
    .replaceAll('\r\u001b[J', '\n')
    .split(/\r?\n/)
    .map((line) => stripVTControlCharacters(line))
}

describe('on a terminal', () => {
  test('a bar fills while the shards identify, then the last line keeps rate and latency', async (context) => {
    context.skip(!hasScript, reason)
    await using program = onTerminal(90, ['listen'])
    await program.until(/● 4\/4 shards.*latency \d/)
    // As a person does it: the terminal turns the key into a signal.
    program.child.stdin?.write('\u0003')
    const { code, stdout } = await program.ended
    expect(code).toBe(0)
    const lines = shownLines(stdout)
    const bars = lines.filter((line) => /^█*░+ \d\/4 shards, \d+s left {2}/.test(line))
    const fills = bars.map((line) => line.lastIndexOf('█') + 1)
    expect(fills).toEqual(fills.toSorted((a, b) => a - b))
    // It moves between the two groups too, while nothing but time passes.
    expect(new Set(fills).size).toBeGreaterThan(5)
    expect(lines.findLast((line) => line.startsWith('● 4/4'))).toMatch(
      /^● 4\/4 shards {2}[\d.]+ events\/s {2}latency [\d.]+ ms {2}\d+ events/,
    )
    expect(lines.some((line) => line.startsWith('✔ 4 of 4 shards ready'))).toBe(true)
    expect(stdout).toContain('\u001b[36mMESSAGE_CREATE')
    // The cursor is hidden once and given back once.
    expect(stdout.split('\u001b[?25l').length).toBe(2)
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'))
  })

  test('no line of events or status is wider than a narrow terminal, and NO_COLOR is heeded', async (context) => {
    context.skip(!hasScript, reason)
    await using program = onTerminal(44, ['listen', '--shards', '2', '--rate', '50'], { NO_COLOR: '1' })
    await program.until(/● 2\/2 shards/)
    await program.until(/MESSAGE_CREATE[^]*MESSAGE_CREATE/)
    program.child.stdin?.write('\u0003')
    const { code, stdout } = await program.ended
    expect(code).toBe(0)
    expect(stdout.split('\u001b[').filter((rest) => /^[\d;]*m/.test(rest))).toEqual([])
    const [greeting = '', ...lines] = shownLines(stdout)
    expect(greeting).toContain('2 shards on the embedded emulator')
    const live = lines.slice(
      0,
      lines.findIndex((line) => / events? in \d+:\d\d/.test(line)),
    )
    expect(live.length).toBeGreaterThan(10)
    expect(live.filter((line) => textWidth(line) > 44)).toEqual([])
  })

  test('a wait for the API is shown', async (context) => {
    context.skip(!hasScript, reason)
    await using server = await MuteServer.start()
    const api = `http://127.0.0.1:${server.port}`
    await using program = onTerminal(80, ['listen', '--api', api], { DISCORD_TOKEN: 'secret-token' })
    await program.until(/asking 127\.0\.0\.1:\d+ how to connect … \d+ s/)
    program.child.stdin?.write('\u0003')
    expect(await program.ended).toMatchObject({ code: 1 })
  })
})
