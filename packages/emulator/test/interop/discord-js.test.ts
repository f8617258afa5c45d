import { Client, Events, GatewayIntentBits } from 'discord.js'
import { expect, test } from 'vitest'

import { faultless, patience, surviveFaults, surviveInvalidSession } from './client-case.ts'
import type { LogIn } from './client-case.ts'

const logIn: LogIn = async (emulator, heard) => {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.MessageContent],
    rest: { api: emulator.apiUrl.replace('/v10', '') },
  })
  client.on(Events.MessageCreate, ({ content }) => heard(content))
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve))
  await client.login(emulator.token)
  await ready
  return async () => client.destroy()
}

// Not concurrent: all its clients of a process keep their sessions in one store, by shard id.
test('discord.js survives op 7 and a dropped connection', patience, async () => {
  expect(await surviveFaults(logIn)).toEqual({ ...faultless, leftWith: 1000 })
})

test('discord.js survives op 9 d:false', patience, async () => {
  expect(await surviveInvalidSession(logIn)).toEqual({
    heard: ['before', 'after'],
    violations: [],
    identifies: ['ready', 'ready'],
    resumes: [],
    listeners: ['bootstrap', 'bootstrap'],
    leftWith: 1000,
  })
})
