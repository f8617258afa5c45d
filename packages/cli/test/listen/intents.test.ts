import { allIntents, Intents } from 'twilight-gateway'
import { expect, test } from 'vitest'

import { parseIntents } from '../../src/listen/intents.ts'

test.each([
  ['513', 513],
  ['0', 0],
  ['all', allIntents],
  ['Guilds', Intents.Guilds],
  ['GUILD_MESSAGES', Intents.GuildMessages],
  ['guilds, message_content ,guildMembers', Intents.Guilds | Intents.MessageContent | Intents.GuildMembers],
])('%j are the bits %i', (text, bits) => {
  expect(parseIntents(text)).toBe(bits)
})

test.each(['guild', '', 'guilds,', '-1', '1.5', 'constructor'])('%j is no intent', (text) => {
  expect(parseIntents(text)).toHaveProperty('problem', expect.stringContaining('GuildMessages'))
})
