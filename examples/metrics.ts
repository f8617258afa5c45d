/** Metrics: a cluster is scraped over HTTP as Prometheus would, before and after a fault, and compared with the truth. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'

import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { Emulator } from 'twilight-emulator'
import { Cluster, Intents } from 'twilight-gateway'
import { instrument } from 'twilight-gateway/metrics'

// Discord's side, started here, so that there is a truth to compare with.
const emulator = await Emulator.start({
  shards: 2,
  maxConcurrency: 2,
  world: { guilds: 8 },
  guildBackfillMs: 0,
})

const cluster = await Cluster.create({
  token: emulator.token,
  apiUrl: emulator.apiUrl,
  intents: Intents.Guilds | Intents.GuildMessages,
})

// In your bot: `new PrometheusExporter()` serves http://localhost:9464/metrics by itself. Here any free port will do.
const exporter = new PrometheusExporter({ preventServerStart: true })
const provider = new MeterProvider({ readers: [exporter] })
const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response))
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve)
})

// This is all that it takes.
const stop = instrument(cluster, { meter: provider.getMeter('example') })

cluster.on('MESSAGE_CREATE', ({ data }) => data.content.length)
await cluster.up()

const messages = 100
for (let sent = 0; sent < messages; sent += 1) {
  const guildId = emulator.world.guildIds[sent % 8]
  const author = { id: '3', username: 'somebody' }
  emulator.dispatch('MESSAGE_CREATE', {
    id: `${sent}`,
    channel_id: '2',
    guild_id: guildId,
    author,
    content: '!',
  })
}

// A fault: the connection of shard 1 breaks, and the shard resumes.
const resumed = new Promise((resolve) => {
  cluster.on('SHARD_CONNECTED', ({ data }) => data.resumed && resolve(data))
})
await allReceived()
emulator.shard(1).drop()
await resumed
await allReceived()

const text = await scrape()
const { byType } = emulator.report().sent
for (const [type, count] of Object.entries(byType)) {
  assert.equal(value('twilight_gateway_events_total', `event_type="${type}"`), count)
  console.log(`${type}: Discord's side sent ${count}, Prometheus reads ${count}`)
}
assert.equal(byType['MESSAGE_CREATE'], messages)
assert.equal(value('twilight_gateway_reconnects_total', 'disconnect_cause="network"'), 1)
assert.equal(value('twilight_gateway_resumed_total', 'shard_id="1"'), 1)
console.log('1 connection broke, 1 session was resumed on shard 1')
const efficiency = value('twilight_gateway_inflater_efficiency', 'shard_id="0"') ?? 1
assert.ok(efficiency < 1)
console.log(`shard 0 received ${(efficiency * 100).toFixed(0)} bytes for every 100 that it inflated`)
console.log(`${text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length} series in all`)

stop()
await cluster.down()
server.closeAllConnections()
server.close()
await provider.shutdown()
await emulator.stop()

/** Resolves when the cluster has received all events that the emulator has sent. */
async function allReceived(): Promise<void> {
  for (;;) {
    const received = cluster.info().reduce((sum, { stats }) => sum + stats.dispatches, 0)
    if (received === emulator.report().sent.events) return
    await new Promise(setImmediate)
  }
}

async function scrape(): Promise<string> {
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const response = await fetch(`http://127.0.0.1:${address.port}/metrics`)
  return response.text()
}

/** The value of the series with this label. */
function value(name: string, label: string): number | undefined {
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes(label))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}
