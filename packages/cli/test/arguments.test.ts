import { InvalidArgumentError } from 'commander'
import { Intents } from 'twilight-gateway'
import { expect, test } from 'vitest'

import { argument } from '../src/arguments.ts'

type Name = keyof typeof argument

test.each<[Name, string, unknown]>([
  ['count', '4', 4],
  ['seconds', '0.5', 0.5],
  ['rate', '1e3', 1_000],
  ['rateOrNone', '0', 0],
  ['seed', '0', 0],
  ['port', '65535', 65_535],
  ['port', '0', 0],
  ['httpUrl', 'https://host/api/v10', 'https://host/api/v10'],
  ['gatewayUrl', 'ws://localhost:8080', 'ws://localhost:8080'],
  ['intents', 'guilds', Intents.Guilds],
  ['token', 'MTEz.Ab-c_d', 'MTEz.Ab-c_d'],
])('%s takes %j', (name, text, value) => {
  expect(argument[name](text)).toBe(value)
})

test.each<[Name, string, string]>([
  ['count', '0', 'a whole number above 0'],
  ['count', '1.5', 'a whole number above 0'],
  ['count', '', 'a whole number above 0'],
  ['seconds', 'soon', 'a number above 0'],
  // A timer of Node's would end at once.
  ['seconds', '9999999', 'at most 2147483'],
  ['seconds', 'Infinity', 'at most 2147483'],
  ['rate', '0', 'a number above 0'],
  ['rateOrNone', '-1', 'a number of at least 0'],
  ['seed', '0.5', 'a whole number of at least 0'],
  ['port', '65536', 'a port from 0 to 65535'],
  ['port', '-1', 'a port from 0 to 65535'],
  ['httpUrl', 'ftp://host', 'http:// or https://'],
  ['httpUrl', 'host:80', 'http:// or https://'],
  ['gatewayUrl', 'http://host', 'ws:// or wss://'],
  ['intents', 'Guild', "There is no intent 'Guild'. There are: Guilds, "],
  ['token', 'two words', 'without spaces'],
])('%s refuses %j', (name, text, expected) => {
  const take = (): unknown => argument[name](text)
  expect(take).toThrow(InvalidArgumentError)
  expect(take).toThrow(expected)
})
