import { ChannelType } from 'discord-api-types/v10'
import { expect, test } from 'vitest'

import type { Emulator } from '../src/index.ts'
import { startEmulator } from './fixture.ts'
import { ready } from './script-client.ts'

async function call(emulator: Emulator, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(emulator.apiUrl + path, {
    ...init,
    headers: { authorization: `Bot ${emulator.token}`, 'content-type': 'application/json' },
  })
}

test('gateway needs no token, gateway/bot tells shards and the start limit', async () => {
  const { emulator } = await startEmulator({ shards: 4, maxConcurrency: 16 })
  expect(await (await fetch(`${emulator.apiUrl}/gateway`)).json()).toEqual({ url: emulator.url })
  expect(await (await call(emulator, '/gateway/bot')).json()).toEqual({
    url: emulator.url,
    shards: 4,
    session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 16 },
  })
})

test("a bad token gets 401 in Discord's words, an unknown route 404", async () => {
  const { emulator } = await startEmulator()
  const refused = await fetch(`${emulator.apiUrl}/gateway/bot`, { headers: { authorization: 'Bot x' } })
  expect([refused.status, await refused.json()]).toEqual([401, { message: '401: Unauthorized', code: 0 }])
  const missing = await call(emulator, '/no/such/route')
  expect([missing.status, await missing.json()]).toEqual([404, { message: '404: Not Found', code: 0 }])
})

test.each(['/api/v10', '/api/v9', '/api'])('%s is a base', async (base) => {
  const { emulator } = await startEmulator()
  const url = new URL(`${base}/users/@me`, emulator.apiUrl)
  const answer = await fetch(url, { headers: { authorization: `Bot ${emulator.token}` } })
  expect(await answer.json()).toMatchObject({ id: emulator.world.user.id })
})

test('a created message comes back over the gateway', async () => {
  const { emulator } = await startEmulator()
  const client = await ready(emulator)
  const { channels } = emulator.world.guildCreate(emulator.world.guildIds[0] ?? '')
  const channelId = channels.find(({ type }) => type === ChannelType.GuildText)?.id ?? ''
  const answer = await call(emulator, `/channels/${channelId}/messages`, {
    method: 'POST',
    body: JSON.stringify({ content: 'hello', nonce: 'n' }),
  })
  expect(answer.status).toBe(200)
  const created: unknown = await answer.json()
  expect(created).toMatchObject({ content: 'hello', nonce: 'n', channel_id: channelId })
  expect(created).not.toHaveProperty('guild_id')
  const { d } = await client.next('MESSAGE_CREATE')
  expect(d).toMatchObject({ content: 'hello', nonce: 'n', author: { id: emulator.world.user.id } })
  expect((await call(emulator, '/channels/123/messages', { method: 'POST', body: '{}' })).status).toBe(404)
})

test('application, guild, channel and member routes answer from the world', async () => {
  const { emulator } = await startEmulator()
  const guildId = emulator.world.guildIds[0] ?? ''
  const get = async (path: string): Promise<unknown> => (await call(emulator, path)).json()
  const self = { id: emulator.world.user.id }
  expect(await get('/oauth2/applications/@me')).toMatchObject({
    id: emulator.world.application.id,
    bot: self,
  })
  expect(await get('/applications/@me')).toMatchObject({ id: emulator.world.application.id })
  expect(await get('/users/@me/guilds')).toHaveLength(3)
  expect(await get(`/guilds/${guildId}`)).toMatchObject({ id: guildId })
  expect(await get(`/guilds/${guildId}`)).not.toHaveProperty('channels')
  expect(await get(`/guilds/${guildId}/members/@me`)).toMatchObject({ user: self })
  const [hidden = ''] = emulator.world.hiddenChannelIds
  const owner = emulator.world.guildOfChannel(hidden) ?? ''
  expect(JSON.stringify(await get(`/guilds/${owner}/channels`))).not.toContain(`"id":"${hidden}"`)
  const commands = await call(emulator, '/applications/1/commands', {
    method: 'PUT',
    body: JSON.stringify([{ name: 'ping' }]),
  })
  expect(await commands.json()).toMatchObject([{ name: 'ping', application_id: '1' }])
})

test('a body that is no JSON gets 400', async () => {
  const { emulator } = await startEmulator()
  expect((await call(emulator, '/channels/1/messages', { method: 'POST', body: '{' })).status).toBe(400)
})
