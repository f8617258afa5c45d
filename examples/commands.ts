/** Commands: sets the bot's presence and asks for the members of each guild. */
import { Intents, Opcode, Shard } from 'twilight-gateway'

const shard = new Shard({
  token: process.env['DISCORD_TOKEN'] ?? '',
  // GuildMembers is privileged: enable it for your bot in the developer portal.
  intents: Intents.Guilds | Intents.GuildMembers,
  // Left out, it is the real Discord.
  gatewayUrl: process.env['DISCORD_GATEWAY_URL'],
})

// `on`, not `once`: under npm, Ctrl-C can arrive twice, and a signal that nobody listens for kills the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void shard.down())

void shard.start()

// Discord answers a second request for the same full list within 30 s with RATE_LIMITED.
const asked = new Set<string>()

for await (const event of shard) {
  if (event.type === 'READY') {
    // A command waits until the limits allow it and survives reconnects, so there is no need to await it.
    void shard.command({
      op: Opcode.PresenceUpdate,
      d: { since: null, activities: [{ name: 'the gateway', type: 3 }], status: 'idle', afk: false },
    })
  } else if (event.type === 'GUILD_CREATE' && !asked.has(event.data.id)) {
    asked.add(event.data.id)
    // An empty query without a limit means everybody.
    const everybody = { guild_id: event.data.id, query: '', limit: 0 }
    void shard.command({ op: Opcode.RequestGuildMembers, d: everybody })
  } else if (event.type === 'GUILD_MEMBERS_CHUNK') {
    const { guild_id: guildId, chunk_index: index, chunk_count: count, members } = event.data
    console.log(`guild ${guildId}: chunk ${index + 1} of ${count}, ${members.length} members`)
  }
}
