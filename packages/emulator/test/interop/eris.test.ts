import { Agent } from 'node:https'

import { Client } from 'eris'
import { expect, test } from 'vitest'

import { cert, key } from '../certificate.ts'
import { faultless, patience, surviveFaults, surviveInvalidSession } from './client-case.ts'
import type { LogIn } from './client-case.ts'

const tls = { key, cert }

const logIn: LogIn = async (emulator, heard) => {
  const { hostname, port } = new URL(emulator.apiUrl)
  const client = new Client(`Bot ${emulator.token}`, {
    intents: ['guilds', 'guildMessages', 'messageContent'],
    // Eris speaks only HTTPS and names no port: the agent brings it.
    rest: { domain: hostname, baseURL: '/api/v10', agent: new Agent({ port: Number(port), ca: cert }) },
    ws: { ca: cert },
  })
  // A dropped connection is an error event, which without a listener would be thrown.
  client.on('error', () => undefined)
  client.on('messageCreate', ({ content }) => heard(content))
  const ready = new Promise<void>((resolve) => client.once('ready', resolve))
  await client.connect()
  await ready
  return () => client.disconnect({ reconnect: false })
}

test.concurrent('eris survives op 7 and a dropped connection', patience, async () => {
  expect(await surviveFaults(logIn, { tls })).toEqual({ ...faultless, leftWith: 1000 })
})

test.concurrent('eris survives op 9 d:false', patience, async () => {
  expect(await surviveInvalidSession(logIn, { tls })).toEqual({
    heard: ['before', 'after'],
    // It identifies at once, on the same socket, without a thought for the five seconds between identifies.
    violations: ['identify-spacing'],
    identifies: ['ready', 'identify-spacing', 'ready'],
    resumes: [],
    listeners: ['bootstrap'],
    leftWith: 1000,
  })
})
