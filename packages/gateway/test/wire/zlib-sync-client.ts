/** Connects with zlib-sync, which NODE_PATH leads to, and prints what it received. */
import { allIntents, Cluster, unlimitedIdentifyQueue } from 'twilight-gateway'

const { GATEWAY_URL: gatewayUrl = '', BOT_TOKEN: token = '', THREADS = '0' } = process.env

const cluster = await Cluster.create({
  token,
  intents: allIntents,
  shards: 1,
  gatewayUrl,
  identifyQueue: unlimitedIdentifyQueue,
  compression: 'zlib-stream',
  zlib: 'zlib-sync',
  threads: Number(THREADS),
})
void cluster.up()
const types: string[] = []
for await (const event of cluster) {
  types.push(event.type)
  if (event.type === 'GUILD_CREATE' && event.data.unavailable !== true) break
}
await cluster.down()
process.stdout.write(JSON.stringify(types))
