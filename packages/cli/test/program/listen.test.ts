import { describe, expect, test } from 'vitest'

import { closedPort, MuteServer } from '../support/port.ts'
import { Program, runProgram } from '../support/program.ts'

/** Two identifies in five seconds: the last of four shards is ready after little more than five. */
const enoughSeconds = '7.5'

test.concurrent.each([
  ['undisturbed', ['--compression', 'zlib-stream'], 0],
  ['with faults', ['--faults'], 2],
])(
  'a run of some seconds, %s, ends with one line of JSON, and nothing is lost',
  async (_name, words, reconnects) => {
    const common = ['listen', '--seconds', enoughSeconds, '--json', '--rate', '100']
    const { code, stdout, stderr } = await runProgram([...common, ...words])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.endsWith('}\n')).toBe(true)
    const { events, eventsByType, ...result } = JSON.parse(stdout) as Record<string, unknown>
    expect(result).toEqual({
      shards: 4,
      ready: 4,
      reconnects: expect.any(Number),
      resumes: result['reconnects'],
      missed: 0,
      duplicates: 0,
      violations: 0,
    })
    expect(result['reconnects']).toBeGreaterThanOrEqual(reconnects)
    expect(eventsByType).toMatchObject({ READY: 4, MESSAGE_CREATE: expect.any(Number) })
    const counts = Object.values(eventsByType as Record<string, number>)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(events)
  },
)

describe('without a terminal', () => {
  test('Ctrl-C ends a run with a summary, and no escape code was written', async () => {
    await using program = new Program(['listen', '--shards', '2'])
    await program.until(/\[1\] ready/)
    await program.until(/\[\d\] MESSAGE_CREATE/)
    program.interrupt()
    const { code, stdout, stderr } = await program.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^twilight \d+\.\d+\.\d+: 2 shards on the embedded emulator/)
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d \[0\] GUILD_CREATE +.+: \d+ members/m)
    expect(stdout).toMatch(/^[\d,]+ events? in \d+:\d\d/m)
    expect(stdout).toMatch(/^ +1 +live +\d+ +0 +0/m)
    expect(stdout).toContain(
      '✔ 2 of 2 shards ready, 0 reconnects, 0 resumes, 0 missed, 0 duplicates, 0 violations',
    )
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
  })

  test('Ctrl-C before all shards are ready ends it at once, and says what was missing', async () => {
    await using program = new Program(['listen'])
    // The third and the fourth wait for the next window.
    await program.until(/\[1\] ready/)
    program.interrupt()
    const { code, stdout, stderr } = await program.ended
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ +3 +(queued|opened|connecting) +0 /m)
    expect(stderr).toMatch(/^twilight: only \d of 4 shards became ready\n$/)
  })

  test('a reader that goes away ends it quietly', async () => {
    await using program = new Program(['listen', '--rate', '100'])
    await program.until(/GUILD_CREATE/)
    program.child.stdout?.destroy()
    const { code, stderr } = await program.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('a server that cannot be reached', () => {
  test('the API: one clear line, and exit code 1', async () => {
    const port = await closedPort()
    const words = ['listen', '--seconds', '5', '--api', `http://127.0.0.1:${port}/api/v10`]
    const { code, stdout, stderr } = await runProgram(words, { DISCORD_TOKEN: 'secret-token' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^twilight: could not reach 127\.0\.0\.1:\d+ \(ECONNREFUSED\).*\[HTTP_FAILED\]\n$/)
  })

  test('an API that does not answer: Ctrl-C ends the wait', async () => {
    await using server = await MuteServer.start()
    const words = ['listen', '--json', '--api', `http://127.0.0.1:${server.port}`]
    await using program = new Program(words, { DISCORD_TOKEN: 'secret-token' })
    await server.reached.promise
    program.interrupt()
    expect(await program.ended).toMatchObject({ code: 1, stdout: '', stderr: '' })
  })

  test('the gateway: it is tried until the time is up, and the last line says why', async () => {
    const port = await closedPort()
    const words = ['listen', '--seconds', '2', '--json', '--gateway', `ws://127.0.0.1:${port}`]
    const { code, stdout, stderr } = await runProgram(words, { DISCORD_TOKEN: 'secret-token' })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ shards: 1, ready: 0, missed: 0, violations: null })
    expect(stderr).toMatch(/^twilight: only 0 of 1 shards became ready \(.*ECONNREFUSED.*\)\n$/)
  })
})
