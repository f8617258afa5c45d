import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { Client, Events, GatewayIntentBits } from 'discord.js'
import { expect, onTestFinished, test } from 'vitest'

import { ask } from '../control-client.ts'
import { Running, startProgram } from './processes.ts'
import type { Place } from './processes.ts'

const pythonScript = fileURLToPath(new URL('control.py', import.meta.url))
const heardByAll = ['before', 'during op 7', 'after op 7', 'during drop', 'after drop']

/** discord.js, unmodified, which knows nothing but a REST base and a token; gives what it hears. */
async function discordJs({ apiUrl, token }: Place, wanted: number): Promise<readonly string[]> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.MessageContent],
    rest: { api: apiUrl.replace('/v10', '') },
  })
  onTestFinished(async () => client.destroy())
  const heard: string[] = []
  const all = Promise.withResolvers<void>()
  client.on(Events.MessageCreate, ({ content }) => {
    heard.push(content)
    if (heard.length === wanted) all.resolve()
  })
  await client.login(token)
  await all.promise
  await client.destroy()
  return heard
}

const patience = { timeout: 60_000 }

test('discord.js survives what is scripted over HTTP with fetch', patience, async () => {
  const { place } = await startProgram()
  const heard = discordJs(place, heardByAll.length)
  const say = async (content: string): Promise<void> => {
    expect(await ask(place, 'POST', '/say', { content })).toEqual({ status: 200, body: { sessions: 1 } })
  }
  // Before it knows the channel, discord.js would drop the message.
  await ask(place, 'GET', '/wait/guilds')
  await say('before')
  await ask(place, 'POST', '/shards/0/reconnect')
  await say('during op 7')
  await ask(place, 'GET', '/wait/resume?outcome=resumed')
  await say('after op 7')
  await ask(place, 'POST', '/shards/0/drop')
  await say('during drop')
  await ask(place, 'GET', '/wait/resume?outcome=resumed&count=2')
  await say('after drop')
  expect(await heard).toEqual(heardByAll)
  expect(await ask(place, 'GET', '/report/violations')).toEqual({ status: 200, body: [] })
})

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython)
  process.stdout.write('skipped: the emulator scripted from Python, as there is no python3 here\n')

test.skipIf(!hasPython)('discord.js survives what is scripted over HTTP from Python', patience, async () => {
  const { place } = await startProgram()
  const script = Running.start('python3', [pythonScript, place.controlUrl])
  expect(await discordJs(place, heardByAll.length)).toEqual(heardByAll)
  expect([await script.ended(), script.complaints]).toEqual([0, ''])
  expect(script.printed).toEqual([{ violations: [], resumes: 2 }])
})
