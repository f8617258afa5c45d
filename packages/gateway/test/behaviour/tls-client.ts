/** Connects once, as its environment says, and prints how it ended: what the environment changes needs a process of its own. */
import { Cluster, unlimitedIdentifyQueue, type TlsOptions } from 'twilight-gateway'

const { GATEWAY_URL: gatewayUrl, BOT_TOKEN: token = '', TLS = '{}', THREADS = '0' } = process.env

const cluster = await Cluster.create({
  token,
  intents: 0,
  shards: 1,
  identifyQueue: unlimitedIdentifyQueue,
  ...(gatewayUrl === undefined ? {} : { gatewayUrl }),
  tls: JSON.parse(TLS) as TlsOptions,
  threads: Number(THREADS),
})
void cluster.up()
for await (const event of cluster) {
  if (event.type !== 'SHARD_CONNECTED' && event.type !== 'SHARD_DISCONNECTED') continue
  const outcome = event.type === 'SHARD_CONNECTED' ? 'connected' : event.data.error
  process.stdout.write(JSON.stringify(outcome))
  break
}
await cluster.down()
