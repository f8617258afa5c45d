import { Client } from 'oceanic.js'
import type { GatewayOptions } from 'oceanic.js'
import { expect, test } from 'vitest'

import { faultless, patience, surviveFaults, surviveInvalidSession } from './client-case.ts'
import type { LogIn } from './client-case.ts'

function logInWith(options: GatewayOptions = {}): LogIn {
  return async (emulator, heard) => {
    const client = new Client({
      auth: `Bot ${emulator.token}`,
      rest: { baseURL: emulator.apiUrl },
      gateway: { intents: ['GUILDS', 'GUILD_MESSAGES', 'MESSAGE_CONTENT'], ...options },
    })
    // A dropped connection is an error event, which without a listener would be thrown.
    client.on('error', () => undefined)
    client.on('messageCreate', ({ content }) => heard(content))
    const ready = new Promise<void>((resolve) => client.once('ready', resolve))
    await client.connect()
    await ready
    return () => client.disconnect(false)
  }
}

test.concurrent.each<[string, GatewayOptions]>([
  ['no compression', {}],
  ['zlib-stream', { compress: 'zlib-stream', compressLibrary: 'native' }],
  ['zstd-stream', { compress: 'zstd-stream', compressLibrary: 'native' }],
])('oceanic.js with %s survives op 7 and a dropped connection', patience, async (_name, options) => {
  expect(await surviveFaults(logInWith(options))).toEqual({ ...faultless, leftWith: 1000 })
})

test.concurrent('oceanic.js survives op 9 d:false', patience, async () => {
  expect(await surviveInvalidSession(logInWith())).toEqual({
    heard: ['before', 'after'],
    // It identifies at once, on the same socket, without a thought for the five seconds between identifies.
    violations: ['identify-spacing'],
    identifies: ['ready', 'identify-spacing', 'ready'],
    resumes: [],
    listeners: ['bootstrap'],
    leftWith: 1000,
  })
})
