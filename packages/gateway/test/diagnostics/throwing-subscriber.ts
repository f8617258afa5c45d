/** A program whose subscribers throw at every message: it counts what that does to the process and to a shard. */
import { channel } from 'node:diagnostics_channel'

import { Emulator } from 'twilight-emulator'

import { Shard } from '../../src/shard/shard.ts'

const uncaught = new Set<string>()
process.on('uncaughtException', (error) => uncaught.add(error.message))

for (const name of ['connection', 'session', 'payload', 'queue']) {
  channel(`twilight-gateway:${name}`).subscribe(() => {
    throw new Error(`the subscriber of ${name} failed`)
  })
}

const emulator = await Emulator.start({ world: { guilds: 3 } })
const shard = new Shard({ token: emulator.token, gatewayUrl: emulator.url, intents: 1, random: () => 0 })
await shard.start()
const resumed = emulator.waitFor('resume', ({ outcome }) => outcome === 'resumed')
emulator.all.drop()
await resumed
let guilds = 0
let isResumed = false
for await (const event of shard) {
  if (event.type === 'GUILD_CREATE') guilds += 1
  if (event.type === 'SHARD_CONNECTED') isResumed ||= event.data.resumed
  // The last guilds may come behind the replay.
  if (isResumed && guilds === 3) void shard.down()
}
await emulator.stop()
const { violations } = emulator.report()
process.stdout.write(JSON.stringify({ uncaught: [...uncaught].toSorted(), guilds, violations }))
