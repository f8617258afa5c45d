import { cp } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { ConfigError } from '../../src/index.ts'
import { simdjsonDeserializer } from '../../src/simdjson.ts'
import { SimdjsonDeserializer, type Simdjson } from '../../src/wire/simdjson-deserializer.ts'
import { startEmulator } from '../behaviour/fixture.ts'
import { nativeAddon } from '../support/native-addon.ts'
import { programOutput } from '../support/program-output.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { deserializerSuite } from './deserializer-suite.ts'

const { exports, nodePath, problem } = await nativeAddon('simdjson', '0.9.2')

test('simdjson can be installed and compiled here', ({ skip }) => {
  skip(problem !== undefined, problem)
  expect(exports).toHaveProperty('lazyParse')
})

describe.skipIf(problem !== undefined)('with simdjson', () => {
  const simdjson = exports as Simdjson

  describe('simdjson', () => {
    deserializerSuite(() => new SimdjsonDeserializer(simdjson))
  })

  test('it is simdjson that parses what Discord sends, not its stand-in', () => {
    let calls = 0
    const counting = new SimdjsonDeserializer({
      lazyParse: simdjson.lazyParse,
      parse: (json) => {
        calls += 1
        return simdjson.parse(json)
      },
    })
    const bytes = Buffer.from('{"content":"é","timestamp":"2026-01-02T03:04:05.678000+00:00","n":-1}')
    expect(counting.parse(bytes, 0, bytes.length)).toEqual(JSON.parse(String(bytes)))
    expect(calls).toBe(1)
  })

  test('a package that was not compiled is told from one that was', async () => {
    const folder = await temporaryFolder()
    // It then hands out JSON under its own name.
    const isSource = (path: string): boolean => !path.startsWith(join(nodePath, 'simdjson', 'build'))
    await cp(join(nodePath, 'simdjson'), join(folder, 'simdjson'), { recursive: true, filter: isSource })
    const running = programOutput(join(import.meta.dirname, 'simdjson-client.ts'), { NODE_PATH: folder })
    await expect(running).rejects.toThrow(/installed but was not compiled: run npm rebuild simdjson/)
  })

  test.each(['0', '1'])('a cluster with it and %s threads reads its events', async (threads) => {
    const emulator = await startEmulator()
    const env = {
      NODE_PATH: nodePath,
      GATEWAY_URL: emulator.url,
      BOT_TOKEN: emulator.token,
      THREADS: threads,
    }
    const outcome = await programOutput(join(import.meta.dirname, 'simdjson-client.ts'), env)
    expect(outcome).toEqual({
      name: 'simdjson',
      guilds: expect.arrayContaining([...emulator.world.guildIds]),
    })
  })
})

test('without the package, the error says what to install', () => {
  expect(() => simdjsonDeserializer()).toThrow(ConfigError)
  expect(() => simdjsonDeserializer()).toThrow(
    /option deserializer needs the package simdjson, which is not installed: run npm install simdjson/,
  )
})
