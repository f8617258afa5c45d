import { describe, expect, test } from 'vitest'

import { Shard, type Deserializer } from '../../src/index.ts'
import { v8Deserializer } from '../../src/wire/json-codec.ts'
import { liveShard, say, startEmulator } from '../behaviour/fixture.ts'
import { deserializerSuite } from './deserializer-suite.ts'

describe('JSON.parse', () => {
  deserializerSuite(() => v8Deserializer)
})

test('a deserializer of your own parses what is read, once, and nothing else', async () => {
  const emulator = await startEmulator()
  const parsed: string[] = []
  const deserializer: Deserializer = {
    name: 'one that tells',
    parse: (bytes, start, end) => {
      const json = bytes.toString('utf8', start, end)
      parsed.push(json)
      return JSON.parse(json)
    },
  }
  const { reader } = await liveShard(emulator, { deserializer })
  say(emulator, 'one', 'two')
  await reader.has('MESSAGE_CREATE', 2)
  expect(parsed).toEqual([])
  expect(reader.contents).toEqual(['one', 'two'])
  expect(reader.contents).toEqual(['one', 'two'])
  expect(parsed.map((json) => Reflect.get(JSON.parse(json) as object, 'content'))).toEqual(['one', 'two'])
})

test('a deserializer without parse is refused', () => {
  const deserializer = { name: 'none' } as unknown as Deserializer
  expect(() => new Shard({ token: 'a.b.c', intents: 0, deserializer })).toThrow(
    'option deserializer must be an object with a parse function',
  )
})
