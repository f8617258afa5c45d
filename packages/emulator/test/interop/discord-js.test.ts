import { Client, Events, GatewayIntentBits } from 'discord.js'
import { test } from 'vitest'

import { surviveFaults } from './client-case.ts'

test('discord.js', async () => {
  await surviveFaults(async (emulator, heard) => {
    const client = new Client({
      intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.MessageContent],
      rest: { api: emulator.apiUrl.replace('/v10', '') },
    })
    client.on(Events.MessageCreate, ({ content }) => heard(content))
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve))
    await client.login(emulator.token)
    await ready
    return async () => client.destroy()
  })
})
