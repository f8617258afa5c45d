import { Client } from 'oceanic.js'
import { test } from 'vitest'

import { surviveFaults } from './client-case.ts'

test('oceanic.js', async () => {
  await surviveFaults(async (emulator, heard) => {
    const client = new Client({
      auth: `Bot ${emulator.token}`,
      rest: { baseURL: emulator.apiUrl },
      gateway: { intents: ['GUILDS', 'GUILD_MESSAGES', 'MESSAGE_CONTENT'] },
    })
    client.on('error', () => {})
    client.on('messageCreate', ({ content }) => heard(content))
    const ready = new Promise<void>((resolve) => client.once('ready', resolve))
    await client.connect()
    await ready
    return () => client.disconnect(false)
  })
})
