/** Tracing: what a shard does on the wire, as a log in JSON by pino. The token never gets into it. */
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'

import { pino } from 'pino'
import { Emulator } from 'twilight-emulator'
import { Intents, Shard } from 'twilight-gateway'
import { subscribe } from 'twilight-gateway/diagnostics'

const lines: string[] = []
const output = new Writable({
  write: (chunk, _encoding, done) => {
    lines.push(String(chunk))
    process.stdout.write(chunk, done)
  },
})
// In your bot: `pino()`, or with a transport to wherever your logs go.
const log = pino(
  { level: 'trace', serializers: { error: pino.stdSerializers.err, reason: pino.stdSerializers.err } },
  output,
)

// All fields of a message become fields of its line.
const stops = [
  subscribe('twilight-gateway:connection', (message) => {
    const level = message.kind === 'disconnected' ? 'warn' : 'info'
    log[level]({ channel: 'connection', ...message })
  }),
  subscribe('twilight-gateway:session', (message) => log.info({ channel: 'session', ...message })),
  subscribe('twilight-gateway:queue', (message) => log.debug({ channel: 'queue', ...message })),
  subscribe('twilight-gateway:payload', ({ payload, ...message }) => {
    // Of what came in, the size will do; of what went out, all, with the token struck out.
    log.trace({ channel: 'payload', ...message, ...(typeof payload === 'string' ? { payload } : {}) })
  }),
]

const emulator = await Emulator.start({ world: { guilds: 2 } })
const shard = new Shard({ token: emulator.token, gatewayUrl: emulator.url, intents: Intents.Guilds })
void shard.start()

for await (const event of shard) {
  if (event.type !== 'SHARD_CONNECTED') continue
  // Once to show what a broken connection looks like, then the end.
  if (event.data.resumed) void shard.down()
  else emulator.shard(0).drop()
}

for (const stop of stops) stop()
await emulator.stop()

const traced = lines.map((line) => JSON.parse(line) as { channel: string; kind?: string; payload?: string })
const kinds = traced.map(({ kind }) => kind)
for (const kind of ['connecting', 'identifying', 'disconnected', 'reconnecting', 'resuming', 'closed']) {
  assert.ok(kinds.includes(kind), `${kind} is in the log`)
}
const outbound = traced.filter(({ payload }) => payload !== undefined)
assert.ok(outbound.some(({ payload }) => payload?.includes('"token":"<redacted>"')))
assert.ok(!lines.join('').includes(emulator.token))
console.log(`${lines.length} lines, ${outbound.length} payloads sent, the token in none of them`)
