import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

import { ask } from '../control-client.ts'
import { readRecording, temporaryFile } from '../recording-file.ts'
import { Running, runProgram, startProgram } from './processes.ts'
import type { Place } from './processes.ts'

const plainClient = fileURLToPath(new URL('plain-client.mjs', import.meta.url))

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
  const [, replay] = await second.prints(2)
  expect(replay).toMatchObject({ replay: { events: lines.length, unheard: 0, isComplete: true } })
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

test('a command line that is wrong ends it with 2, one that cannot be followed with 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const cases = [
    [['--help'], 0, 'until Ctrl-C'],
    [['--prot', '8080'], 2, "Unknown option '--prot'"],
    [['8080'], 2, "Unexpected argument '8080'"],
    [['--port', 'http'], 2, '--port is "http", expected a number'],
    [['--tls-key', 'key.pem'], 2, '--tls-key and --tls-cert go together'],
    [['--shards', '0'], 1, 'option shards is 0, expected a positive integer'],
    [['--profile', 'Z', '--rate', '1'], 1, "option profile is 'Z'"],
    [['--record', '/nowhere/at/all'], 1, 'ENOENT'],
    [['--port', String(port)], 1, 'EADDRINUSE'],
  ] as const
  const processes = cases.map(([words]) => runProgram(...words))
  for (const [index, [words, code, message]] of cases.entries()) {
    const emulator = processes[index]
    const ended = await emulator?.ended()
    const output = emulator?.lines.join('\n') ?? ''
    const complaints = emulator?.complaints ?? ''
    expect([words, ended]).toEqual([words, code])
    expect(code === 0 ? output : complaints).toContain(message)
    expect(code === 0 ? complaints : output).toBe('')
    // Only who typed it wrong needs the list.
    expect(complaints.includes('--[no-]control')).toBe(code === 2)
  }
})
