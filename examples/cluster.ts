/** Every event of every shard: a cluster that comes up in the background while its events are awaited. */
import { Cluster, Intents } from 'twilight-gateway'

const cluster = await Cluster.create({
  token: process.env['DISCORD_TOKEN'] ?? '',
  intents: Intents.Guilds | Intents.GuildMessages | Intents.GuildMessageReactions,
  // Left out, both lead to the real Discord.
  apiUrl: process.env['DISCORD_API_URL'],
  gatewayUrl: process.env['DISCORD_GATEWAY_URL'],
})

// `on`, not `once`: under npm, Ctrl-C can arrive twice, and a signal that nobody listens for kills the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void cluster.down())

// Not awaited: a large bot takes minutes to come up, and events flow from the first shard on.
void cluster.up()

// Ends after `down`; throws if Discord forbids going on, for example because of a wrong token.
for await (const event of cluster) {
  console.log(`shard ${event.shardId} ${event.type}`)
}
