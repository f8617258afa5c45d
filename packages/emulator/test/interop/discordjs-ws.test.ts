import { REST } from '@discordjs/rest'
import { CompressionMethod, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws'
import type { OptionalWebSocketManagerOptions } from '@discordjs/ws'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import { expect, test } from 'vitest'

import { faultless, patience, surviveFaults } from './client-case.ts'
import type { LogIn } from './client-case.ts'

const intents = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.MessageContent

function logInWith(options: Partial<OptionalWebSocketManagerOptions>): LogIn {
  return async (emulator, heard) => {
    const rest = new REST({ api: emulator.apiUrl.replace('/v10', '') }).setToken(emulator.token)
    const manager = new WebSocketManager({ token: emulator.token, intents, rest, ...options })
    manager.on(WebSocketShardEvents.Dispatch, (payload) => {
      if (payload.t === GatewayDispatchEvents.MessageCreate) heard(payload.d.content)
    })
    await manager.connect()
    return async () => manager.destroy()
  }
}

// Not concurrent: all managers of a process keep their sessions in one store, by shard id.
test.each<[string, Partial<OptionalWebSocketManagerOptions>]>([
  ['zlib-stream', { compression: CompressionMethod.ZlibNative }],
  ['payload compression', { useIdentifyCompression: true }],
])('@discordjs/ws with %s survives op 7 and a dropped connection', patience, async (_name, options) => {
  expect(await surviveFaults(logInWith(options))).toEqual({ ...faultless, leftWith: 1000 })
})
