import { describe, expect, test } from 'vitest'

import { ConfigError } from '../../src/errors.ts'
import { api, body, drop, echo, failure, json, status, token, type Answer } from './fixture.ts'

/** All that a log could show of an error, and of what it was caused by. */
function shown(error: unknown): string {
  const parts: unknown[] = []
  for (let each = error; each instanceof Error; each = each.cause) {
    parts.push(each.message, each.stack, JSON.stringify(each), Object.values(each))
  }
  return JSON.stringify(parts)
}

describe('the token is in no error', () => {
  test.each<[string, Answer]>([
    ['401', status(401)],
    ['an answer that shows the request', echo(400)],
    ['200 from something that shows the request', echo(200)],
    ['a dropped connection', drop],
  ])('%s', async (_, answer) => {
    const { apiUrl } = await api(answer)
    const error = await failure({ apiUrl, attempts: 1 })
    expect(error).toBeInstanceOf(Error)
    expect(shown(error)).not.toContain('s3cret')
  })

  test.each([`${token}\n`, `${token} x`, `${token}é`, '', 'Bot '])(
    'a token that cannot be sent: %j',
    async (wrong) => {
      const { apiUrl, requests } = await api(json(body))
      const error = await failure({ apiUrl, token: wrong })
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', context: { option: 'token' } })
      expect(shown(error)).not.toContain('s3cret')
      expect(requests).toEqual([])
    },
  )
})

test.each(['nonsense', '', 'ftp://discord.test', 'discord.com/api'])(
  'apiUrl %j is refused',
  async (apiUrl) => {
    expect(await failure({ apiUrl })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: `option apiUrl must be an http:// or https:// URL, got ${JSON.stringify(apiUrl)}`,
    })
  },
)

test('credentials in apiUrl are refused, and not shown', async () => {
  expect(await failure({ apiUrl: 'https://user:secret@discord.test/api' })).toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'option apiUrl must not hold credentials, as that for discord.test does',
  })
})
