/** Reads events with simdjson, which NODE_PATH leads to, and prints what they held. */
import { allIntents, Cluster, unlimitedIdentifyQueue } from 'twilight-gateway'
import { simdjsonDeserializer } from 'twilight-gateway/simdjson'

const { GATEWAY_URL: gatewayUrl = '', BOT_TOKEN: token = '', THREADS = '0' } = process.env

const deserializer = simdjsonDeserializer()
const cluster = await Cluster.create({
  token,
  intents: allIntents,
  shards: 1,
  gatewayUrl,
  identifyQueue: unlimitedIdentifyQueue,
  deserializer,
  threads: Number(THREADS),
})
void cluster.up()
const guilds: unknown[] = []
for await (const event of cluster) {
  if (event.type === 'GUILD_CREATE') guilds.push(event.data.id)
  if (guilds.length === 3) break
}
await cluster.down()
process.stdout.write(JSON.stringify({ name: deserializer.name, guilds }))
