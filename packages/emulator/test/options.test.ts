import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { Emulator } from '../src/index.ts'
import type { EmulatorOptions } from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { startEmulator } from './fixture.ts'

const wrong: readonly (readonly [options: unknown, message: string])[] = [
  [{ shards: 0 }, 'option shards is 0, expected a positive integer'],
  [{ shards: '4' }, "option shards is '4', expected a positive integer"],
  [{ shards: Number.NaN }, 'option shards is NaN'],
  [{ maxConcurrency: 1.5 }, 'option maxConcurrency is 1.5'],
  [{ port: 65_536 }, 'option port is 65536, expected an integer from 0 to 65535'],
  [{ port: -1 }, 'option port is -1'],
  [{ port: '8080' }, "option port is '8080'"],
  [{ resumePort: 1e9 }, 'option resumePort is 1000000000'],
  [{ host: '' }, "option host is ''"],
  [{ bots: [] }, 'option bots is [], expected at least one bot'],
  [{ bots: [{ token: 'a' }, { token: 'a' }] }, 'option bots[1].token is the token of another bot'],
  [{ bots: [{ world: { guilds: -1 } }] }, 'option world.guilds is -1'],
  [{ privilegedIntents: -1 }, 'option bots[0].privilegedIntents is -1'],
  [{ sessionStartLimit: { total: 5, remaining: 6 } }, 'option sessionStartLimit.remaining is 6'],
  [{ heartbeatIntervalMs: 0 }, 'option heartbeatIntervalMs is 0'],
  [{ heartbeatGrace: 0.5 }, 'option heartbeatGrace is 0.5, expected a number from 1'],
  [{ sessionTtlMs: Infinity }, 'option sessionTtlMs is Infinity'],
  [{ replayCap: 0 }, 'option replayCap is 0'],
  [{ reconnectDelayMs: [2, 1] }, 'option reconnectDelayMs is [ 2, 1 ], expected [min, max] in milliseconds'],
  [{ invalidSessionDelayMs: 5 }, 'option invalidSessionDelayMs is 5'],
  [{ zstdLevel: 23 }, 'option zstdLevel is 23, expected an integer from 1 to 22'],
  [{ channelObfuscation: 'no' }, "option channelObfuscation is 'no', expected one of 'all', 'opt-in', 'off'"],
  [{ switches: { takenOver: 4001 } }, 'option switches.takenOver is 4001, expected one of 4000, 4006'],
  [
    { switches: { badVersions: 1 } },
    "option switches is 'badVersions', expected one of badVersion, badQuery",
  ],
  [{ traffic: { profile: 'Z' } }, "option profile is 'Z', expected one of 'A', 'B', 'C'"],
  [{ traffic: { ratePerSecond: -5 } }, 'option traffic.ratePerSecond is -5'],
  [{ traffic: {}, world: { guilds: 0 } }, 'traffic needs a world with guilds'],
]

test.each(wrong)('%j is refused with its name', async (options, message) => {
  const started = Emulator.start(options as EmulatorOptions)
  await expect(started).rejects.toThrow(RangeError)
  await expect(started).rejects.toThrow(message)
})

test('a token with prefix is refused without being shown', async () => {
  const started = Emulator.start({ bots: [{ token: 'Bot secret' }] })
  await expect(started).rejects.toThrow('option bots[0].token is not a bare token')
  await expect(started).rejects.not.toThrow('secret')
})

const notTls: readonly (readonly [name: string, tls: unknown])[] = [
  ['text that is no PEM', { key: 'nonsense', cert: 'nonsense' }],
  ['no key', { cert }],
  ['an empty certificate', { key, cert: '' }],
  ['the key as certificate', { key, cert: key }],
  ['a certificate cut short', { key, cert: cert.slice(0, 200) }],
]

test.each(notTls)('tls with %s is refused, without the key in the message', async (_name, tls) => {
  const started = Emulator.start({ tls } as EmulatorOptions)
  await expect(started).rejects.toThrow(TypeError)
  await expect(started).rejects.toThrow('option tls needs a private key and its certificate as PEM texts: ')
  await expect(started).rejects.not.toThrow(key.slice(40, 80))
})

test('a port that is taken rejects the start, and what was opened before is closed', async () => {
  const { emulator } = await startEmulator()
  const taken = Number(new URL(emulator.url).port)
  await expect(Emulator.start({ port: taken })).rejects.toThrow('EADDRINUSE')
  const free = await freePort()
  await expect(Emulator.start({ port: free, resumePort: taken })).rejects.toThrow('EADDRINUSE')
  const { emulator: next } = await startEmulator({ port: free })
  expect(new URL(next.url).port).toBe(String(free))
})

test('undefined options are as good as none', async () => {
  const options: object = {
    shards: undefined,
    switches: { takenOver: undefined },
    world: { guilds: undefined },
  }
  const { emulator } = await startEmulator(options)
  expect(emulator.world.guildIds).toHaveLength(12)
})

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  return typeof address === 'object' && address !== null ? address.port : 0
}
