import { get } from 'node:https'

import { expect, onTestFinished, test, vi } from 'vitest'

import { faultCalls } from '../src/control/fault-calls.ts'
import type { FaultName } from '../src/control/fault-calls.ts'
import { Emulator, ShardHandle } from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { ask } from './control-client.ts'
import { rules, startEmulator } from './fixture.ts'
import { header, recordedLine } from './recording-file.ts'
import { greeted, ready, ScriptClient } from './script-client.ts'

/** A body for each fault, and the arguments that its method must get. */
const faults: Readonly<Record<FaultName, readonly [body: object, values: readonly unknown[]]>> = {
  drop: [{}, []],
  reset: [{}, []],
  freeze: [{}, []],
  thaw: [{}, []],
  refuseUpgrade: [{ status: 520, times: 2 }, [520, { times: 2 }]],
  withholdHello: [{ times: 3 }, [{ times: 3 }]],
  coalesceHello: [{}, [{}]],
  withholdAcks: [{ on: false }, [false]],
  delay: [{ delayMs: 1.5 }, [1.5]],
  splitFrames: [{ pieces: 4 }, [4]],
  voice: [{ answer: 'null-endpoint' }, ['null-endpoint']],
  requestHeartbeat: [{}, []],
  reconnect: [{ when: 'instead-of-hello' }, [{ when: 'instead-of-hello' }]],
  invalidateSession: [{ resumable: true }, [true]],
  close: [{ code: 4999, reason: 'why' }, [4999, 'why']],
  corruptNext: [{}, []],
  truncateNext: [{}, []],
  expireSession: [{}, []],
  sendRaw: [{ payload: { op: 99 } }, ['{"op":99}']],
  guildOutage: [{ guildId: '1', on: true }, ['1', true]],
}

test.each(Object.entries(faults))('the fault %s reaches its method', async (name, [body, values]) => {
  const { emulator } = await startEmulator()
  await ready(emulator, { intents: 0 })
  const method = vi.spyOn(ShardHandle.prototype, name as FaultName).mockReturnValue()
  onTestFinished(() => method.mockRestore())
  const answer = await ask(emulator, 'POST', `/shards/all/${name}`, body)
  expect(answer).toEqual({ status: 200, body: { connections: 1, sessions: 1 } })
  expect(method.mock.calls).toEqual([values])
})

test('a shard is scripted by another process: fault, wait, report', async () => {
  const { emulator } = await startEmulator({ maxConcurrency: 2 })
  const zero = await ready(emulator, { shard: [0, 2], intents: 1 << 9 })
  const one = await ready(emulator, { shard: [1, 2], intents: 1 << 9 })
  expect(await ask(emulator, 'GET', '/shards/1')).toMatchObject({ body: { connections: 1, sessions: 1 } })
  expect(await ask(emulator, 'POST', '/shards/1/drop')).toMatchObject({ status: 200 })
  expect((await one.closed).code).toBe(1006)
  const dispatch = { type: 'MESSAGE_CREATE', data: { id: '1', guild_id: String(1 << 22), content: 'x' } }
  expect(await ask(emulator, 'POST', '/dispatch', dispatch)).toEqual({ status: 200, body: { sessions: 1 } })
  const waiting = ask(emulator, 'GET', '/wait/resume?outcome=resumed')
  const next = await greeted(emulator)
  next.send(6, { token: emulator.token, session_id: one.sessionId, seq: 1 })
  expect((await next.next('MESSAGE_CREATE')).d).toMatchObject({ id: '1' })
  expect(await waiting).toMatchObject({ status: 200, body: { sessionId: one.sessionId, replayed: 1 } })
  await zero.settle()
  const { body: report } = await ask(emulator, 'GET', '/report')
  expect(report).toEqual(JSON.parse(JSON.stringify(emulator.report())))
  expect(await ask(emulator, 'GET', '/report/resumes')).toMatchObject({ body: [{ outcome: 'resumed' }] })
  expect(await ask(emulator, 'GET', '/report/frameCount')).toEqual({ status: 200, body: report.frameCount })
  expect(JSON.stringify(report)).not.toContain(emulator.token)
})

test('somebody says something, traffic runs, faults are lifted', async () => {
  const { emulator, clock } = await startEmulator()
  const client = await ready(emulator)
  expect(await ask(emulator, 'POST', '/say', { content: 'hello' })).toMatchObject({ body: { sessions: 1 } })
  const { d } = await client.next('MESSAGE_CREATE')
  expect(d).toMatchObject({
    content: 'hello',
    guild_id: emulator.world.guildIds[0],
    author: { username: expect.any(String) },
  })
  const channelId = emulator.world.dmChannelId
  await ask(emulator, 'POST', '/say', { content: 'psst', channelId })
  expect((await client.next('MESSAGE_CREATE')).d).toMatchObject({ content: 'psst', channel_id: channelId })

  expect(await ask(emulator, 'POST', '/traffic', { ratePerSecond: 100 })).toEqual({ status: 200, body: {} })
  expect(emulator.traffic.running).toBe(true)
  const before = emulator.report().sent.events
  clock.advance(100)
  expect(emulator.report().sent.events).toBe(before + 10)
  await ask(emulator, 'DELETE', '/traffic')
  expect(emulator.traffic.running).toBe(false)

  await ask(emulator, 'POST', '/shards/0/withholdAcks')
  client.send(1, null)
  await emulator.waitFor('heartbeat')
  await ask(emulator, 'DELETE', '/faults')
  await client.settle()
  expect(client.names().filter((name) => name === 11)).toHaveLength(1)
})

test('an outage, a dead resume host, a granted channel and a blast', async () => {
  const { emulator } = await startEmulator({ identifyWindowMs: 0, world: { channelsPerGuild: 20 } })
  await ask(emulator, 'POST', '/outage', {})
  await expect(new ScriptClient(emulator.url).opened).rejects.toThrow('503')
  await ask(emulator, 'POST', '/outage', { upgradeStatus: 520 })
  await expect(new ScriptClient(emulator.url).opened).rejects.toThrow('520')
  await ask(emulator, 'POST', '/outage', { upgradeStatus: null, answer: 'silence' })
  const silent = await greeted(emulator)
  silent.send(2, { token: emulator.token, intents: 1, properties: {} })
  await silent.settle()
  expect(silent.names()).toEqual([10, 11])
  await ask(emulator, 'POST', '/outage', { on: false })
  await ask(emulator, 'POST', '/deadResumeHost', { on: true })
  const client = await ready(emulator)
  expect(client.received[1]?.d.resume_gateway_url).toBe('ws://127.0.0.1:9')
  const [channelId] = emulator.world.hiddenChannelIds
  expect(await ask(emulator, 'POST', '/grantChannel', { channelId })).toMatchObject({ body: { sessions: 1 } })
  expect((await client.next('CHANNEL_UPDATE')).d.name).not.toBe('___hidden___')
  const blast = await ask(emulator, 'POST', '/blast', { count: 10, mode: 'every-session', repeat: 2 })
  expect(blast).toMatchObject({ status: 200, body: { events: 20 } })
})

test('waiting sees what has been, counts, and says what it saw when time is up', async () => {
  const { emulator } = await startEmulator({ identifyWindowMs: 0 })
  const [first, second] = [await ready(emulator, { intents: 1 }), await ready(emulator, { intents: 2 })]
  expect(await ask(emulator, 'GET', '/wait/identify?intents=2')).toMatchObject({ body: { connection: 2 } })
  expect(await ask(emulator, 'GET', '/wait/guilds?count=2')).toMatchObject({
    body: { sessionId: second.sessionId, shardId: 0 },
  })
  expect(await ask(emulator, 'GET', '/wait/connection?count=2')).toMatchObject({ body: { id: 2 } })
  const third = ask(emulator, 'GET', '/wait/identify?count=3&outcome=ready')
  await expect(Promise.race([third, second.settle()])).resolves.toBeUndefined()
  await ready(emulator, { intents: 4 })
  expect(await third).toMatchObject({ status: 200, body: { intents: 4 } })
  expect(await ask(emulator, 'GET', '/wait/heartbeat?timeoutMs=0')).toMatchObject({ body: { op: 1 } })
  first.socket.close(1000)
  expect(await ask(emulator, 'GET', '/wait/session-end')).toMatchObject({
    body: { sessionId: first.sessionId, reason: 'client closed with 1000' },
  })
  expect(await ask(emulator, 'GET', '/wait/disconnect?closeCode=1000')).toMatchObject({ body: { id: 1 } })
  second.socket.send('nonsense')
  expect(await ask(emulator, 'GET', '/wait/violation?rule=decode')).toMatchObject({ body: { connection: 2 } })
  expect(await ask(emulator, 'GET', '/wait/violation?rule=size&timeoutMs=20')).toEqual({
    status: 504,
    body: {
      error: '0 of 1 violation signals that fit within 20 ms',
      seen: 0,
      last: emulator.report().violations[0],
    },
  })
})

const wrong: readonly (readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  error: string,
])[] = [
  ['POST', '/shards/0/explode', {}, 404, 'there is no fault "explode"'],
  ['POST', '/shards/0/constructor', {}, 404, 'there is no fault "constructor"'],
  ['POST', '/shards/minus/drop', {}, 400, 'shard is "minus", expected its number or "all"'],
  ['POST', '/shards/-1/drop', {}, 400, 'shard is "-1"'],
  ['POST', '/shards/%zz/drop', {}, 400, 'shard is "%zz"'],
  ['GET', '/shards/0/drop', undefined, 405, '/emulator/shards/0/drop takes POST, not GET'],
  ['GET', '/nothing', undefined, 404, 'there is no /emulator/nothing'],
  ['POST', '/nothing', {}, 404, 'there is no /emulator/nothing'],
  ['PUT', '/report', {}, 405, '/emulator/report takes GET, not PUT'],
  ['GET', '/report/secrets', undefined, 404, 'the report has no "secrets"'],
  ['GET', '/wait/rain', undefined, 404, 'there is no signal "rain"'],
  ['GET', '/wait/resume?count=0', undefined, 400, 'field count is 0, expected an integer from 1'],
  ['GET', '/wait/resume?timeoutMs=soon', undefined, 400, 'field timeoutMs is "soon"'],
  ['POST', '/shards/0/close', '{"code":', 400, 'the body is no JSON: '],
  ['POST', '/shards/0/close', [4000], 400, 'the body is [4000], expected a JSON object'],
  ['POST', '/shards/0/close', 'null', 400, 'the body is null, expected a JSON object'],
  [
    'POST',
    '/shards/0/close',
    { code: '4000' },
    400,
    'field code is "4000", expected an integer from 0 to 65535',
  ],
  ['POST', '/shards/0/close', { kode: 4000 }, 400, 'field "kode" is unknown, expected code, reason'],
  ['POST', '/shards/0/drop', { hard: true }, 400, 'field "hard" is unknown, no fields are expected'],
  ['POST', '/shards/0/delay', {}, 400, 'field delayMs is missing, expected a number from 0'],
  [
    'POST',
    '/shards/0/voice',
    { answer: 'loud' },
    400,
    'field answer is "loud", expected one of "normal", "silent"',
  ],
  ['POST', '/dispatch', { type: 'A","op":7,"x":"', data: {} }, 400, "expected an event's name"],
  [
    'POST',
    '/dispatch',
    { type: 'A', data: { guild_id: 'x' } },
    400,
    'A names guild "x", which is no snowflake',
  ],
  ['POST', '/say', { content: 'x', channelId: '1' }, 400, 'no channel 1 in this world'],
  ['POST', '/say', { content: 'x', bot: 7 }, 400, 'there is no bot 7'],
  ['POST', '/blast', { count: 0 }, 400, 'field count is 0, expected an integer from 1 to 1000000'],
  ['POST', '/replay?speed=0', '', 400, 'field speed is 0, expected a number above 0'],
  ['POST', '/replay?sped=1', '', 400, 'field "sped" is unknown, expected speed, bot, types'],
  ['POST', '/replay', '', 400, 'line 1 is ""'],
  ['POST', '/replay', 'x'.repeat(3_000_000), 400, 'line 1 is "xxx'],
  ['GET', '/recording?bot=3', undefined, 400, 'there is no bot 3'],
]

// The body stays out of the title: one of them is long.
test.each(wrong.map(([method, path, body, ...rest]) => ({ title: `${method} ${path}`, body, rest })))(
  '$title is refused with what is wrong',
  async ({ title, body, rest: [status, error] }) => {
    const { emulator } = await startEmulator()
    const [method = '', path = ''] = title.split(' ')
    const answer = await ask(emulator, method, path, body)
    expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(error) } })
    expect(rules(emulator)).toEqual([])
  },
)

test('whoever asks for what is not there gets the list of what is', async () => {
  const { emulator } = await startEmulator()
  const names = Object.keys(faultCalls)
  const methods = Object.getOwnPropertyNames(ShardHandle.prototype).filter(
    (name) => name !== 'constructor' && !name.endsWith('Count'),
  )
  expect(names.toSorted()).toEqual(methods.toSorted())
  expect(await ask(emulator, 'POST', '/shards/0/explode')).toMatchObject({ body: { faults: names } })
  const { body: nothing } = await ask(emulator, 'GET', '/nothing')
  expect(nothing.routes).toContain('POST /emulator/shards/:shard/:name')
  expect(nothing.routes).toContain('POST /emulator/dispatch')
  const { body: overview } = await ask(emulator, 'GET', '')
  expect(Object.keys(overview.faults)).toEqual(names)
  expect(overview).toMatchObject({
    url: emulator.url,
    apiUrl: emulator.apiUrl,
    resumeUrl: emulator.resumeUrl,
    bots: [{ token: emulator.token, guilds: 3 }],
    faults: { drop: {}, splitFrames: { pieces: 'an integer from 1 to 1000' } },
  })
  const { body: bots } = await ask(emulator, 'GET', '/bots')
  expect(bots).toEqual([
    { token: emulator.token, userId: emulator.world.user.id, guildIds: emulator.world.guildIds },
  ])
})

test('a body that is too large is refused, and the connection goes on', async () => {
  const { emulator } = await startEmulator()
  const content = 'x'.repeat(33 * 1024 * 1024)
  expect(await ask(emulator, 'POST', '/say', { content })).toMatchObject({ status: 413 })
  expect(await ask(emulator, 'POST', '/say', { content: 'x' })).toMatchObject({ status: 200 })
})

test('a recording is taken and given over HTTP', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const leaving = new AbortController()
  const answer = await fetch(`${emulator.controlUrl}/recording`, { signal: leaving.signal })
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  emulator.dispatch('USER_UPDATE', { text: 'one' })
  emulator.say('two')
  await client.next('MESSAGE_CREATE')
  let recording = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body ?? []) {
    recording += decoder.decode(chunk, { stream: true })
    if (recording.split('\n').length === 4) break
  }
  leaving.abort()
  expect(recording.startsWith('{"format":"discord-gateway-recording"')).toBe(true)
  // `fetch` gives up the stream of an aborted answer; the emulator sees its end when the socket closes.
  expect(await ask(emulator, 'POST', '/replay?speed=Infinity&types=MESSAGE_CREATE', recording)).toMatchObject(
    {
      status: 200,
      body: { events: 1, deliveries: 1, skipped: 1, isComplete: true },
    },
  )
  expect((await client.next('MESSAGE_CREATE')).d.content).toBe('two')
})

test('a recording that is still taken over HTTP when the emulator stops is whole', async () => {
  const { emulator } = await startEmulator()
  await ready(emulator, { intents: 0 })
  const answer = await fetch(`${emulator.controlUrl}/recording`)
  for (let count = 0; count < 100; count++) emulator.dispatch('USER_UPDATE', { text: 'x'.repeat(10_000) })
  const [recording] = await Promise.all([answer.text(), emulator.stop()])
  expect(recording.trimEnd().split('\n')).toHaveLength(101)
})

test('a replay ends when whoever asked for it hangs up', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  const hanging = new AbortController()
  const replayed = fetch(`${emulator.controlUrl}/replay`, {
    method: 'POST',
    body: header + recordedLine(0, 0, 'USER_UPDATE', {}) + recordedLine(60_000, 0, 'USER_UPDATE', {}),
    signal: hanging.signal,
  })
  await client.next('USER_UPDATE')
  hanging.abort()
  await expect(replayed).rejects.toThrow('aborted')
  await emulator.stop()
  expect(client.names()).toEqual([10, 'READY', 'USER_UPDATE'])
})

test('a web page is not answered, whatever it asks', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator, { intents: 0 })
  for (const [method, path] of [
    ['GET', '/report'],
    ['POST', '/shards/all/drop'],
  ] as const) {
    const headers = { origin: 'https://example.com' }
    const response = await fetch(`${emulator.controlUrl}${path}`, { method, headers })
    expect([response.status, await response.json()]).toEqual([403, { error: 'web pages are not answered' }])
  }
  await client.settle()
})

test('it is there on loopback, for others only on request, and can be switched off', async () => {
  for (const [options, isThere] of [
    [{}, true],
    [{ host: 'localhost' }, true],
    [{ host: '::1' }, true],
    [{ host: '0.0.0.0' }, false],
    [{ host: '::' }, false],
    [{ host: '0.0.0.0', control: true }, true],
    [{ control: false }, false],
  ] as const) {
    const emulator = await Emulator.start(options)
    onTestFinished(async () => emulator.stop())
    expect(emulator.controlUrl !== undefined, JSON.stringify(options)).toBe(isThere)
    const { port } = new URL(emulator.url)
    const host = emulator.url.includes('[') ? '[::1]' : '127.0.0.1'
    const response = await fetch(`http://${host}:${port}/emulator`)
    expect(response.status).toBe(isThere ? 200 : 401)
    await emulator.stop()
  }
  await expect(Emulator.start({ control: 'yes' as never })).rejects.toThrow(
    "option control is 'yes', expected true",
  )
})

test('under TLS it is https:', async () => {
  const { emulator } = await startEmulator({ tls: { key, cert } })
  const status = Promise.withResolvers<number | undefined>()
  get(`${emulator.controlUrl}`, { rejectUnauthorized: false }, (response) => {
    status.resolve(response.resume().statusCode)
  })
  expect(await status.promise).toBe(200)
})
