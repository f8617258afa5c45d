import { inspect } from 'node:util'
import { expect, test } from 'vitest'

import { Cluster, fetchGatewayBot, Shard, type GatewayEvent } from '../../src/index.ts'
import { commonOptions, liveShard, makeCluster, makeShard, Reader, say, startEmulator } from './fixture.ts'

const token = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.a-token-that-must-stay-here'
const secret = 'that-must-stay-here'

/** Every way in which a value finds its way into a log. */
function renderings(value: unknown): string[] {
  const json = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}` : inner,
  )
  const error = value instanceof Error ? [value.message, value.stack ?? '', String(value.cause)] : []
  return [
    inspect(value, {
      depth: 30,
      showHidden: true,
      getters: true,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    json ?? '',
    String(value),
    ...error,
  ]
}

function expectSecret(...values: unknown[]): void {
  for (const value of values) {
    for (const rendering of renderings(value)) expect(rendering).not.toContain(secret)
  }
}

/** What a call throws or rejects with. */
async function failure(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    expectSecret(error)
    return error
  }
  return expect.fail('no error')
}

test('shards, clusters, their events and their errors never show the token', async () => {
  const emulator = await startEmulator({ bots: [{ token }] })
  const { shard, reader } = await liveShard(emulator, { token: `Bot ${token}` })
  emulator.all.drop()
  say(emulator, 'hello')
  await reader.has('MESSAGE_CREATE')
  expectSecret(shard, shard.info(), shard.session, ...reader.events)
  const cluster = await makeCluster(emulator, { token, shards: 2 })
  expectSecret(cluster, cluster.info(), cluster.shards, cluster.shard(0))
  await shard.down()
  expectSecret(await shard.closed, ...reader.events)
  expect(reader.count('SHARD_CLOSED')).toBe(1)
})

test('a token that is refused does not show up in what is thrown', async () => {
  const emulator = await startEmulator()
  const shard = makeShard(emulator, { token })
  const reader = new Reader(shard)
  expect(await failure(() => shard.start())).toMatchObject({ closeCode: 4004 })
  expectSecret(await reader.ended, await shard.closed, ...reader.events)
  const options = { ...commonOptions(emulator), token, apiUrl: emulator.apiUrl }
  expect(await failure(() => Cluster.create(options))).toMatchObject({ code: 'HTTP_UNAUTHORIZED' })
})

test('options that are wrong do not show it either', async () => {
  const options = { token, intents: 0 }
  const wrong: Record<string, unknown>[] = [
    { token: `${token} with a space` },
    { token: { toString: () => token } },
    { token: [token] },
    { intents: token },
    { intents: { token } },
    { shard: [token, 1] },
    { compression: { token } },
    { timeouts: { helloMs: -1 } },
    { presence: { since: null, activities: [], status: 'online', afk: false, x: 'x'.repeat(5_000) } },
    { identifyProperties: { os: 'x'.repeat(5_000) } },
    { session: { sessionId: 7 } },
  ]
  for (const one of wrong) {
    const error = await failure(() => new Shard({ ...options, ...one }))
    expect(error).toMatchObject({ name: 'ConfigError' })
  }
  expect(await failure(() => Cluster.create({ ...options, shards: { token } as never }))).toMatchObject({
    code: 'CONFIG_INVALID',
  })
})

test('nor do failures of the network', async () => {
  const nowhere = 'http://127.0.0.1:9/api'
  const error = await failure(() => fetchGatewayBot({ token, apiUrl: nowhere, attempts: 1 }))
  expect(error).toMatchObject({ code: 'HTTP_FAILED' })
  const shard = new Shard({ token, intents: 0, gatewayUrl: 'ws://127.0.0.1:9' })
  const events: GatewayEvent[] = []
  const failed = Promise.withResolvers<void>()
  shard.on('*', (event) => events.push(event))
  shard.on('SHARD_DISCONNECTED', () => failed.resolve())
  void shard.start()
  await failed.promise
  await shard.down()
  expect(events.map(({ type }) => type)).toContain('SHARD_DISCONNECTED')
  expectSecret(...events)
})

test('nor do commands that are refused', async () => {
  const shard = makeShard(await startEmulator())
  const resume = JSON.stringify({ op: 6, d: { token, session_id: 'x', seq: 1 } })
  for (const text of [resume, `${resume} `.repeat(2), `{"op":31,"d":"${token.repeat(200)}"}`]) {
    expect(await failure(() => shard.send(text))).toMatchObject({ name: 'CommandError' })
  }
})
