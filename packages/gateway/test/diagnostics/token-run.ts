/**
 * A program that writes everything that the library shows about itself, while a bot lives through faults of many kinds.
 * What it writes must not hold the token, which it takes from the environment.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'

import { Emulator } from 'twilight-emulator'

import { subscribe } from '../../src/diagnostics/index.ts'
import {
  allIntents,
  Cluster,
  fetchGatewayBot,
  InMemoryIdentifyQueue,
  Shard,
  unlimitedIdentifyQueue,
  type GatewaySession,
} from '../../src/index.ts'

const token = process.env['TOKEN_UNDER_TEST'] ?? ''
// What inspects the process sees neither.
delete process.env['TOKEN_UNDER_TEST']

/** Shows a value in every way that a careless log would. */
function show(what: string, value: unknown): void {
  const ways = [
    () =>
      inspect(value, {
        depth: 12,
        showHidden: true,
        getters: true,
        maxArrayLength: 2_000,
        maxStringLength: 20_000,
      }),
    () => inspect(value),
    () => JSON.stringify(value),
    () => String(value),
    () =>
      value instanceof Error
        ? `${value.stack}\n${inspect(value.cause, { depth: 12, showHidden: true })}`
        : '',
    () => inspect(structuredClone(value), { depth: 12 }),
  ]
  for (const way of ways) {
    try {
      process.stdout.write(`${what}: ${way()}\n`)
    } catch {
      // Not everything can be cloned, or is a tree.
    }
  }
}

async function shown(what: string, attempt: () => unknown): Promise<void> {
  try {
    show(what, await attempt())
  } catch (error) {
    show(what, error)
  }
}

process.on('warning', (warning) => show('warning', warning))
for (const name of ['connection', 'session', 'payload', 'queue'] as const) {
  subscribe(`twilight-gateway:${name}`, (message) => {
    show(name, message)
    if ('payload' in message) show(`${name} text`, String(message.payload))
  })
}

const emulator = await Emulator.start({
  shards: 2,
  maxConcurrency: 2,
  bots: [{ token }],
  guildBackfillMs: 0,
  identifyWindowMs: 1,
  invalidSessionDelayMs: [1, 1],
  reconnectDelayMs: [1, 1],
})
const common = {
  token: `Bot ${token}`,
  apiUrl: emulator.apiUrl,
  gatewayUrl: emulator.url,
  intents: allIntents,
  random: () => 0,
}

// What is wrong before anything connects.
const wrong = (options: unknown): Promise<unknown> =>
  Cluster.create(options as Parameters<typeof Cluster.create>[0])
await shown('a token in place of the options', () => wrong(token))
await shown('a token in place of a shard', () => new Shard(token as never))
await shown('a token with a line break', () => new Shard({ ...common, token: `${token}\nX: y` }))
await shown('a token with a line break, over HTTP', () =>
  fetchGatewayBot({ token: `${token}\nX: y`, apiUrl: emulator.apiUrl }),
)
await shown('a token with a letter of another script', () =>
  fetchGatewayBot({ token: `${token}\u200b`, apiUrl: emulator.apiUrl }),
)
await shown('wrong intents', () => wrong({ ...common, intents: -1 }))
await shown('a wrong URL', () => new Shard({ ...common, gatewayUrl: 'gateway' }))
await shown(
  'a presence that is too large',
  () =>
    new Shard({
      ...common,
      presence: {
        since: null,
        activities: [{ name: 'x'.repeat(5_000), type: 0 }],
        status: 'idle',
        afk: false,
      } as never,
    }),
)
await shown('an API that is away', () =>
  fetchGatewayBot({ token, apiUrl: 'http://127.0.0.1:1', attempts: 1 }),
)
const parrot = createServer((request, response) =>
  response.writeHead(500).end(JSON.stringify({ headers: request.headers, raw: request.rawHeaders })),
).listen(0, '127.0.0.1')
await new Promise((resolve) => parrot.once('listening', resolve))
const parrotUrl = `127.0.0.1:${(parrot.address() as AddressInfo).port}`
await shown('an API that repeats the request', () =>
  fetchGatewayBot({ token, apiUrl: `http://${parrotUrl}`, attempts: 1 }),
)
await shown('an API that does not know the token', () =>
  fetchGatewayBot({ token: `x${token}`, apiUrl: emulator.apiUrl }),
)
const refused = new Shard({
  ...common,
  gatewayUrl: `ws://${parrotUrl}`,
  backoff: { baseMs: 1, capMs: 1 } as never,
})
void refused.start().catch((error: unknown) => show('never connected', error))
await new Promise((resolve) => refused.on('SHARD_DISCONNECTED', resolve))
await refused.down()
parrot.close()

// A life with faults.
const identifyQueue = new InMemoryIdentifyQueue({ maxConcurrency: 2, windowMs: 1, slackMs: 4 })
const cluster = await Cluster.create({ ...common, shards: 2, identifyQueue })
cluster.on('*', (event) => show('listener', event))
cluster.on('GUILD_CREATE', () => {
  throw new Error('a listener of this program')
})
const events = (async () => {
  for await (const event of cluster) if (event.type.startsWith('SHARD_')) show('stream', event)
})().catch((error: unknown) => show('the end of the stream', error))

const isLive = (): boolean => cluster.info().every(({ phase }) => phase === 'live')
async function becomes(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
function showAll(what: string): void {
  for (const value of [cluster, cluster.info(), identifyQueue, unlimitedIdentifyQueue]) show(what, value)
  for (const shard of cluster.shards.values())
    for (const value of [shard, shard.info(), shard.session]) show(what, value)
}

showAll('before')
await cluster.up()
showAll('live')
await shown('a command of the session', () => cluster.command(0, { op: 2, d: { token } } as never))
await shown('a command that is too large', () =>
  cluster.command(0, { op: 8, d: { guild_id: 'x'.repeat(5_000) } } as never),
)
await shown('a command', () =>
  cluster.command(0, { op: 4, d: { guild_id: '1', channel_id: null, self_mute: true, self_deaf: true } }),
)

const counts = (): { disconnects: number; connected: number } => {
  const stats = cluster.info().map((info) => info.stats)
  return {
    disconnects: stats.reduce((sum, { disconnects }) => sum + disconnects, 0),
    connected: stats.reduce((sum, { resumed, identifies }) => sum + resumed + identifies, 0),
  }
}
const faults: readonly (readonly [string, () => void])[] = [
  ['dropped', () => emulator.shard(0).drop()],
  ['reset', () => emulator.shard(0).reset()],
  ['op 9, to be resumed', () => emulator.shard(0).invalidateSession(true)],
  ['op 9, to be forgotten', () => emulator.shard(1).invalidateSession(false)],
  ['op 7', () => emulator.shard(1).reconnect()],
  ['an unknown close code', () => emulator.shard(0).close(4242, `you said ${token}`)],
  ['4007', () => emulator.shard(1).close(4007, 'invalid sequence')],
  ['garbage', () => emulator.shard(1).sendRaw(`{"op":0,"t":"${'x'.repeat(10)}`)],
  [
    'corrupted',
    () => {
      emulator.shard(0).corruptNext()
      emulator.shard(0).requestHeartbeat()
    },
  ],
]
for (const [what, fault] of faults) {
  const before = counts().disconnects
  fault()
  await becomes(() => counts().disconnects > before)
  await becomes(isLive)
  showAll(what)
}

// Shards in a thread, to which the token must go, and one that crashes.
const { random: _, ...cloneable } = common
const threaded = await Cluster.create({
  ...cloneable,
  shards: 1,
  threads: 1,
  identifyQueue: unlimitedIdentifyQueue,
})
// Listeners to dispatches take the place of a reader.
threaded.on('*', (event) => show('event of a thread', event))
await threaded.up()
for (const value of [threaded, threaded.info(), ...threaded.shards.values()]) show('in a thread', value)
await threaded.down()

// Sessions that are kept, and a fatal end.
const resumable = new Shard({ ...common, shard: [0, 1], identifyQueue: unlimitedIdentifyQueue })
await resumable.start()
const session: GatewaySession | undefined = await resumable.downResumable()
show('a session', session)
show('a shard that was stopped', resumable)
emulator.shard(0).close(4004, `Authentication failed: ${token}`)
show('the reason', await cluster.closed)
await events
showAll('closed')
await shown('started again', () => cluster.up())
await emulator.stop()
process.stdout.write(`it lived through ${counts().disconnects} disconnects\n`)
