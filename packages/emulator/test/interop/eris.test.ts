import { Agent } from 'node:https'

import { Client } from 'eris'
import { test } from 'vitest'

import { cert, key } from '../certificate.ts'
import { surviveFaults } from './client-case.ts'

test('eris', async () => {
  await surviveFaults(
    async (emulator, heard) => {
      const { hostname, port } = new URL(emulator.apiUrl)
      const client = new Client(`Bot ${emulator.token}`, {
        intents: ['guilds', 'guildMessages', 'messageContent'],
        // Eris speaks only HTTPS and names no port: the agent brings it.
        rest: { domain: hostname, baseURL: '/api/v10', agent: new Agent({ port: Number(port), ca: cert }) },
        ws: { ca: cert },
      })
      const errors: string[] = []
      client.on('error', ({ message }) => errors.push(message))
      client.on('messageCreate', ({ content }) => heard(content))
      const ready = new Promise<void>((resolve) => client.once('ready', resolve))
      await client.connect()
      await ready
      return () => client.disconnect({ reconnect: false })
    },
    { tls: { key, cert } },
  )
})
