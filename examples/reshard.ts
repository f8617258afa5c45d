/** A bot that outgrew its shards gets more of them while it runs: no event is missed, none comes twice. */
import { Emulator } from 'twilight-emulator'
import { allIntents, Cluster } from 'twilight-gateway'

await using emulator = await Emulator.start({ shards: 2, maxConcurrency: 16, world: { guilds: 16 } })
await using cluster = await Cluster.create({
  token: emulator.token,
  intents: allIntents,
  apiUrl: emulator.apiUrl,
  eventTypes: ['MESSAGE_CREATE'],
})

const received: string[] = []
const reading = (async () => {
  for await (const event of cluster) {
    if (event.type === 'MESSAGE_CREATE') received.push(event.data.content)
    if (event.type === 'SHARDS_REPLACED')
      console.log(`${event.data.to} shards took over from ${event.data.from}`)
  }
})()
await cluster.up()

// Numbered messages to all guilds, all the while.
const { guildIds } = emulator.world
let sent = 0
const talk = setInterval(() => {
  emulator.dispatch('MESSAGE_CREATE', { guild_id: guildIds[sent % guildIds.length], content: String(sent) })
  sent += 1
}, 1)

console.log(`${cluster.shardCount} shards are live; resharding to 6`)
// On Discord, keep the default of five seconds.
await cluster.reshard(6, { overlapMs: 500 })
clearInterval(talk)

const deadline = Date.now() + 10_000
while (received.length < sent && Date.now() < deadline)
  await new Promise((resolve) => setTimeout(resolve, 20))
await cluster.down()
await reading

const distinct = new Set(received)
const missed = Array.from({ length: sent }, (_, index) => String(index)).filter(
  (content) => !distinct.has(content),
)
console.log(`${sent} messages sent, ${missed.length} missed, ${received.length - distinct.size} came twice`)
if (missed.length > 0 || received.length !== distinct.size || cluster.shardCount !== 6) process.exitCode = 1
