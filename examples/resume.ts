/** A restart that misses nothing: the sessions outlive the process in a file. */
import { readFile, rm, writeFile } from 'node:fs/promises'

import { Cluster, Intents, type GatewaySession } from 'twilight-gateway'

const file = process.env['SESSION_FILE'] ?? 'sessions.json'

const cluster = await Cluster.create({
  token: process.env['DISCORD_TOKEN'] ?? '',
  intents: Intents.GuildMessages | Intents.MessageContent,
  // Left out, both lead to the real Discord.
  apiUrl: process.env['DISCORD_API_URL'],
  gatewayUrl: process.env['DISCORD_GATEWAY_URL'],
  // Discord keeps a session for a few minutes. One that it no longer knows is replaced by a new one.
  sessions: await takeSessions(),
})

let stopping: Promise<GatewaySession[]> | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping ??= cluster.downResumable()
  })
}

void cluster.up()

for await (const event of cluster) {
  if (event.type === 'SHARD_CONNECTED') {
    const { resumed, replayed } = event.data
    console.log(
      `shard ${event.shardId} ${resumed ? `resumed, ${replayed} events replayed` : 'has a new session'}`,
    )
  } else if (event.type === 'MESSAGE_CREATE') {
    console.log(`${event.data.author.username}: ${event.data.content}`)
  }
}

const sessions = (await stopping) ?? []
await writeFile(file, JSON.stringify(sessions))
console.log(`${sessions.length} sessions saved, start again to resume`)

/** Each file is for one start: after a crash it would be old, and its replay would bring events twice. */
async function takeSessions(): Promise<GatewaySession[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]')
  await rm(file, { force: true })
  return JSON.parse(text) as GatewaySession[]
}
