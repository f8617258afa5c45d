import { Emulator } from 'twilight-emulator'
import { expect, test } from 'vitest'

import { Intents, Shard, type GatewaySession } from '../../src/index.ts'

/** A shard, what its listener heard, and a promise of the moment in which it has heard `count` messages. */
function messageShard(emulator: Emulator, count: number, session?: GatewaySession) {
  const shard = new Shard({
    token: emulator.token,
    intents: Intents.GuildMessages | Intents.MessageContent,
    gatewayUrl: emulator.url,
    ...(session ? { session } : {}),
  })
  const heard: string[] = []
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  shard.on('MESSAGE_CREATE', ({ data }) => {
    if (heard.push(data.content) === count) resolve()
  })
  return { shard, heard, arrived }
}

test('a stop while the consumer is busy resumes behind the event that it handled last', async () => {
  await using emulator = await Emulator.start({ guildBackfillMs: 0 })
  const [guildId] = emulator.world.guildIds
  const contents = Array.from({ length: 20 }, (_, index) => `message ${index}`)
  const handled: string[] = []
  const busy = Promise.withResolvers<void>()
  const leisure = Promise.withResolvers<void>()

  const first = messageShard(emulator, contents.length)
  const consumed = (async () => {
    for await (const event of first.shard) {
      if (event.type !== 'MESSAGE_CREATE') continue
      if (handled.push(event.data.content) < 4) continue
      busy.resolve()
      await leisure.promise
    }
  })()
  await first.shard.start()
  for (const content of contents) {
    emulator.dispatch('MESSAGE_CREATE', { id: '1', channel_id: '2', guild_id: guildId, content })
  }
  await Promise.all([busy.promise, first.arrived])
  const stopping = first.shard.downResumable()
  leisure.resolve()
  const session = await stopping
  await consumed
  expect(handled).toEqual(contents.slice(0, 4))

  const second = messageShard(emulator, contents.length - handled.length, session)
  await second.shard.start()
  await second.arrived
  await second.shard.down()
  expect([...handled, ...second.heard]).toEqual(contents)
  expect(emulator.report().resumes).toMatchObject([{ outcome: 'resumed' }])
})
