import { REST } from '@discordjs/rest'
import { CompressionMethod, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import { test } from 'vitest'

import { surviveFaults } from './client-case.ts'

const intents = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.MessageContent

test.each([
  ['without compression', null],
  ['with zlib-stream', CompressionMethod.ZlibNative],
])('@discordjs/ws %s', async (_name, compression) => {
  await surviveFaults(async (emulator, heard) => {
    const rest = new REST({ api: emulator.apiUrl.replace('/v10', '') }).setToken(emulator.token)
    const manager = new WebSocketManager({ token: emulator.token, intents, rest, compression })
    manager.on(WebSocketShardEvents.Dispatch, (payload) => {
      if (payload.t === GatewayDispatchEvents.MessageCreate) heard(payload.d.content)
    })
    await manager.connect()
    return async () => manager.destroy()
  })
})
