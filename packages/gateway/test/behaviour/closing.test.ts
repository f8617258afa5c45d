import { describe, expect, test } from 'vitest'

import { Shard, unlimitedIdentifyQueue, type ShardOptions } from '../../src/index.ts'
import { liveShard, makeShard, placed, Reader, say, startEmulator } from './fixture.ts'
import { rawFrame, ScriptedGateway } from './scripted-gateway.ts'

function shardOf(gateway: ScriptedGateway, options: Partial<ShardOptions> = {}): Shard {
  return new Shard(
    placed({
      token: 'a.b.c',
      intents: 0,
      gatewayUrl: gateway.url,
      compression: 'none',
      identifyQueue: unlimitedIdentifyQueue,
      backoff: { baseMs: 20 },
      ...options,
    }),
  )
}

/** A dispatch and a close frame with 1001 in one segment; what comes back is not read. */
function sayAndClose({ connections }: ScriptedGateway): void {
  const { webSocket, socket } = connections[0] ?? {}
  webSocket?.pause()
  const code = Buffer.from([0x03, 0xe9])
  socket?.write(
    Buffer.concat([rawFrame(1, Buffer.from('{"t":"LAST","s":2,"op":0,"d":{}}')), rawFrame(8, code)]),
  )
}

describe('between the close frame of the peer and the end of the connection', () => {
  test('commands wait for the next connection', async () => {
    const gateway = await ScriptedGateway.start()
    await using shard = shardOf(gateway)
    const reader = new Reader(shard)
    await shard.start()
    sayAndClose(gateway)
    await reader.until(() => reader.named('LAST').length === 1)
    await new Promise(setImmediate)
    expect(shard.info().phase).toBe('live')
    let isSent = false
    const sent = shard.send('{"op":31,"d":{"guild_ids":[]}}').then(() => (isSent = true))
    await new Promise(setImmediate)
    expect(isSent).toBe(false)
    expect(shard.info().commands.queued).toBe(1)
    gateway.connections[0]?.socket.destroy()
    await sent
    await gateway.until(() => gateway.frames.some(({ op }) => op === 31))
    expect(gateway.frames.filter(({ connection, op }) => connection === 1 && op !== 1)).toMatchObject([
      { op: 6, d: { seq: 2 } },
      { op: 31 },
    ])
  })

  test('a peer that never ends TCP is waited for as long as closeMs says', async () => {
    const gateway = await ScriptedGateway.start()
    await using shard = shardOf(gateway, { timeouts: { closeMs: 100 } })
    const reader = new Reader(shard)
    await shard.start()
    sayAndClose(gateway)
    await reader.has('SHARD_CONNECTED', 2)
    expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ code: 1001, willResume: true })
  })
})

describe('a stop', () => {
  test('ends the session with 1000, delivers what came, and then the stream is over', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    say(emulator, 'last')
    await reader.has('MESSAGE_CREATE')
    await shard.down()
    expect(await reader.ended).toBeUndefined()
    expect(reader.contents).toEqual(['last'])
    expect(reader.events.at(-1)).toMatchObject({
      type: 'SHARD_CLOSED',
      data: { reason: { code: 'CLOSED_LOCALLY' } },
    })
    await emulator.until(() => emulator.report().sessions[0]?.endReason !== null)
    expect(emulator.report().sessions).toMatchObject([{ endReason: 'client closed with 1000' }])
    expect(shard.session).toBeUndefined()
    // Late callers find an ended stream, not an error.
    for await (const event of shard) expect.fail(`a late ${event.type}`)
    await shard.down()
  })

  test('that leaves the session closes with another code, and Discord keeps it', async () => {
    const emulator = await startEmulator()
    const { shard } = await liveShard(emulator)
    const disconnected = emulator.waitFor('disconnect')
    expect((await shard.downResumable())?.sessionId).toBe(emulator.report().sessions[0]?.sessionId)
    expect(await disconnected).toMatchObject({ closeCode: 4900, closedBy: 'client' })
    expect(emulator.report().sessions).toMatchObject([{ endReason: null, connected: false }])
  })

  test('before the start: nothing ever connects', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    await shard.down()
    await expect(shard.start()).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
    expect(shard.info()).toMatchObject({ phase: 'stopped', stats: { connects: 0 } })
  })

  test('before the start with a session: it can still be resumed later', async () => {
    const emulator = await startEmulator()
    const { shard: first } = await liveShard(emulator)
    const session = await first.downResumable()
    const shard = makeShard(emulator, session ? { session } : {})
    expect(await shard.downResumable()).toEqual(session)
  })

  test('during the connect, from within a listener', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    shard.on('SHARD_CONNECTING', () => void shard.down())
    await expect(shard.start()).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
    expect(emulator.report().identifies).toEqual([])
  })

  test('happens by itself at the end of a scope', async () => {
    const emulator = await startEmulator()
    {
      await using shard = makeShard(emulator)
      await shard.start()
    }
    await emulator.until(() => emulator.all.connectionCount === 0)
    expect(emulator.report().sessions).toMatchObject([{ endReason: 'client closed with 1000' }])
  })
})

test('a shard starts once', async () => {
  const emulator = await startEmulator()
  const { shard } = await liveShard(emulator)
  expect(() => shard.start()).toThrow(expect.objectContaining({ code: 'SHARD_STATE' }))
})

test.for(['http://gateway.test', 'gateway.test', 'https:gateway', ''])(
  'gateway URL %j is refused',
  (gatewayUrl) => {
    expect(() => new Shard({ token: 'a.b.c', intents: 0, gatewayUrl })).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        context: { option: 'gatewayUrl', allowed: 'a ws:// or wss:// URL' },
      }),
    )
  },
)
