/** All members of a guild, in the midst of a dropped connection: each comes once, and the wait always ends. */
import { Emulator } from 'twilight-emulator'
import { Cluster, Intents } from 'twilight-gateway'

await using emulator = await Emulator.start({
  shards: 2,
  maxConcurrency: 2,
  world: { guilds: 2, membersPerGuild: 5_000 },
})
await using cluster = await Cluster.create({
  token: emulator.token,
  // GuildMembers is privileged: enable it for your bot in the developer portal.
  intents: Intents.Guilds | Intents.GuildMembers,
  apiUrl: emulator.apiUrl,
  // The chunks below come all the same.
  eventTypes: ['GUILD_CREATE'],
})
cluster.on('GUILD_CREATE', ({ data, shardId }) => console.log(`guild ${data.id} is on shard ${shardId}`))
await cluster.up()

const [guildId = ''] = emulator.world.guildIds
const ids = new Set<string>()
for await (const chunk of cluster.requestGuildMembers({ guildId })) {
  for (const { user } of chunk.members) ids.add(user.id)
  console.log(`chunk ${chunk.chunk_index + 1} of ${chunk.chunk_count}: ${chunk.members.length} members`)
  // The rest of the chunks comes with the replay.
  if (chunk.chunk_index === 0) emulator.all.drop()
}

const expected = emulator.world.members(guildId).length
console.log(`${ids.size} of ${expected} members received`)
if (ids.size !== expected) process.exitCode = 1
