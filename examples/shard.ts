/** New messages as they are written: one shard, whose events are told apart by their type. */
import { Intents, Shard } from 'twilight-gateway'

const shard = new Shard({
  token: process.env['DISCORD_TOKEN'] ?? '',
  // MessageContent is privileged: enable it for your bot in the developer portal.
  intents: Intents.GuildMessages | Intents.DirectMessages | Intents.MessageContent,
  // Left out, it is the real Discord.
  gatewayUrl: process.env['DISCORD_GATEWAY_URL'],
  // Anything else is not even parsed.
  eventTypes: ['READY', 'MESSAGE_CREATE'],
})

// `on`, not `once`: under npm, Ctrl-C can arrive twice, and a signal that nobody listens for kills the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void shard.down())

// Not awaited: a failure to start also ends the loop below.
void shard.start()

for await (const event of shard) {
  switch (event.type) {
    case 'READY':
      console.log(`logged in as ${event.data.user.username}`)
      break
    case 'MESSAGE_CREATE':
      // In this branch, TypeScript knows that the data is a message.
      console.log(`${event.data.author.username}: ${event.data.content}`)
      break
    case 'SHARD_RECONNECTING':
      // Nothing to do: the shard reconnects and resumes by itself.
      console.log(`connection lost, ${event.data.resume ? 'resuming' : 'starting anew'}`)
      break
    default:
  }
}
