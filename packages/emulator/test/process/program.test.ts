import { expect, onTestFinished, test, vi } from 'vitest'

import { run } from '../../src/program.ts'
import { ask } from '../control-client.ts'
import { readRecording, temporaryFile } from '../recording-file.ts'
import { plainClient, Running, startProgram } from './processes.ts'
import type { Place } from './processes.ts'

function received(client: Running): unknown[] {
  return client.printed.filter((line) => Reflect.get(Object(line), 'type') !== 'READY')
}

function startClient({ apiUrl, token }: Place): Running {
  return Running.start(process.execPath, [plainClient], { API_URL: apiUrl, TOKEN: token })
}

test('a client without a library logs in to the program, beats, and survives faults that a third process scripts', async () => {
  const { emulator, place } = await startProgram('--guilds', '3')
  const client = startClient(place)
  const say = async (content: string): Promise<void> => {
    expect(await ask(place, 'POST', '/say', { content })).toEqual({ status: 200, body: { sessions: 1 } })
  }
  await ask(place, 'GET', '/wait/guilds')
  await say('hello')
  await ask(place, 'POST', '/shards/0/requestHeartbeat')
  expect(await ask(place, 'GET', '/wait/heartbeat')).toMatchObject({ status: 200 })

  await ask(place, 'POST', '/shards/0/drop')
  await say('are you there?')
  expect(await ask(place, 'GET', '/wait/resume')).toMatchObject({ body: { outcome: 'resumed' } })
  await ask(place, 'POST', '/shards/0/reconnect')
  await say('still?')
  expect(await ask(place, 'GET', '/wait/resume?count=2')).toMatchObject({ body: { outcome: 'resumed' } })
  await say('bye')

  expect(await client.ended()).toBe(0)
  expect(client.complaints).toBe('')
  const printed = client.lines.filter((line) => !line.includes('GUILD_CREATE'))
  expect(printed.filter((line) => line.includes('says'))).toEqual(
    ['hello', 'are you there?', 'still?', 'bye'].map((says) => JSON.stringify({ says })),
  )
  // When RESUMED comes depends on who was faster: the message, or the resume that has to bring it.
  expect(printed.filter((line) => !line.includes('says'))).toEqual([
    '{"type":"READY"}',
    '{"reconnects":"to resume"}',
    '{"type":"RESUMED"}',
    '{"reconnects":"to resume"}',
    '{"type":"RESUMED"}',
  ])
  expect(await ask(place, 'GET', '/report/violations')).toEqual({ status: 200, body: [] })
  emulator.signal('SIGTERM')
  expect(await emulator.ended()).toBe(0)
  expect(emulator.complaints).toBe('')
})

test('one program records what another replays', async () => {
  const path = await temporaryFile()
  const { emulator: first, place } = await startProgram('--guilds', '2', '--record', path, '--rate', '200')
  const listener = startClient(place)
  await ask(place, 'GET', '/wait/guilds')
  await ask(place, 'POST', '/say', { content: 'recorded' })
  await ask(place, 'DELETE', '/traffic')
  await ask(place, 'POST', '/say', { content: 'bye' })
  expect(await listener.ended()).toBe(0)
  first.signal('SIGINT')
  expect(await first.ended()).toBe(0)
  const { lines } = await readRecording(path)
  expect(first.printed[1]).toMatchObject({ recording: { events: lines.length } })

  const { emulator: second, place: there } = await startProgram(
    '--guilds',
    '0',
    '--replay',
    path,
    '--speed',
    '100',
  )
  const other = startClient(there)
  expect(await other.ended()).toBe(0)
  expect(received(other)).toEqual(received(listener))
  expect(received(other)).toContainEqual({ says: 'recorded' })
  await second.prints((printed) => printed.length > 1)
  expect(second.printed[1]).toMatchObject({ replay: { events: lines.length, unheard: 0, isComplete: true } })
})

test('violations go to stderr, and scripting can be switched off', async () => {
  const { emulator, place } = await startProgram('--no-control', '--token', 'my.own.token', '--shards', '3')
  expect(place).toMatchObject({ token: 'my.own.token' })
  expect(place.controlUrl).toBeUndefined()
  const { token } = place
  const headers = { authorization: `Bot ${token}` }
  expect(await (await fetch(`${place.apiUrl}/gateway/bot`, { headers })).json()).toMatchObject({ shards: 3 })
  const client = new WebSocket(`${place.url}/?v=10&encoding=xml`)
  await new Promise((failed) => client.addEventListener('error', failed))
  emulator.signal('SIGTERM')
  await emulator.ended()
  expect(emulator.complaints).toContain('violation query, no shard yet: upgrade with /?v=10&encoding=xml')
})

test.for([
  [['--help'], 0, 'until Ctrl-C'],
  [['--prot', '8080'], 2, "Unknown option '--prot'"],
  [['8080'], 2, "Unexpected argument '8080'"],
  [['--port', 'http'], 2, '--port is "http", expected a number'],
  [['--tls-key', 'key.pem'], 2, '--tls-key and --tls-cert go together'],
  [['--shards', '0'], 1, 'option shards is 0, expected a positive integer'],
  [['--profile', 'Z', '--rate', '1'], 1, "option profile is 'Z'"],
  [['--record', '/nowhere/at/all'], 1, 'ENOENT'],
] as const)('%j ends with %i', async ([words, code, message]) => {
  const output: string[] = []
  const complaints: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => output.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(String(text)) > 0)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(await run(words)).toBe(code)
  expect((code === 0 ? output : complaints).join('')).toContain(message)
  expect(code === 0 ? complaints : output).toEqual([])
  // Only who typed it wrong needs the list.
  expect(complaints.join('').includes('--[no-]control')).toBe(code === 2)
})

test('a port that is taken ends it with 1', async () => {
  const { place } = await startProgram()
  const complain = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(await run(['--port', new URL(place.url).port])).toBe(1)
  expect(String(complain.mock.calls)).toContain('EADDRINUSE')
})
