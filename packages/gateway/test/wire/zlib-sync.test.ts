import { cp } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { Cluster, ConfigError, type ClusterOptions } from '../../src/index.ts'
import { ZlibStreamInflater } from '../../src/wire/inflate/zlib-stream.ts'
import { ZlibSyncDecoder, type ZlibSync } from '../../src/wire/inflate/zlib-sync-decoder.ts'
import { startEmulator } from '../behaviour/fixture.ts'
import { nativeAddon } from '../support/native-addon.ts'
import { programOutput } from '../support/program-output.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { zlibStreamSuite } from './zlib-stream-suite.ts'

const { exports, nodePath, problem } = await nativeAddon('zlib-sync', '0.1.10')

test('zlib-sync can be installed and compiled here', ({ skip }) => {
  skip(problem !== undefined, problem)
  expect(exports).toHaveProperty('Inflate')
})

describe.skipIf(problem !== undefined)('with zlib-sync', () => {
  describe('zlib-sync', () => {
    zlibStreamSuite((maxInflatedBytes) => {
      const decoder = new ZlibSyncDecoder(exports as ZlibSync, maxInflatedBytes)
      return new ZlibStreamInflater({ maxInflatedBytes }, decoder)
    })
  })

  test('a package that was not compiled is told from one that is not there', async () => {
    const folder = await temporaryFolder()
    const isSource = (path: string): boolean => !path.startsWith(join(nodePath, 'zlib-sync', 'build'))
    await cp(join(nodePath, 'zlib-sync'), join(folder, 'zlib-sync'), { recursive: true, filter: isSource })
    const running = programOutput(join(import.meta.dirname, 'zlib-sync-client.ts'), {
      NODE_PATH: folder,
      BOT_TOKEN: 'a.b.c',
    })
    await expect(running).rejects.toThrow(/zlib-sync, which cannot be loaded: run npm rebuild zlib-sync/)
  })

  test.each(['0', '1'])('a cluster with zlib-sync and %s threads receives', async (threads) => {
    const emulator = await startEmulator()
    const env = {
      NODE_PATH: nodePath,
      GATEWAY_URL: emulator.url,
      BOT_TOKEN: emulator.token,
      THREADS: threads,
    }
    const types = await programOutput(join(import.meta.dirname, 'zlib-sync-client.ts'), env)
    expect(types).toEqual(expect.arrayContaining(['READY', 'GUILD_CREATE']))
    expect(emulator.report().connections).toMatchObject([{ compression: 'zlib-stream' }])
    expect(emulator.report().violations).toEqual([])
  })
})

test('without the package, the option says what to install', async () => {
  const options: ClusterOptions = { token: 'a.b.c', intents: 0, shards: 1, zlib: 'zlib-sync' }
  await expect(Cluster.create(options)).rejects.toThrow(ConfigError)
  await expect(Cluster.create(options)).rejects.toThrow(
    /option zlib needs the package zlib-sync, which is not installed: run npm install zlib-sync/,
  )
  const wrong = { ...options, zlib: 'pako' as unknown as 'node' }
  await expect(Cluster.create(wrong)).rejects.toThrow('option zlib must be node or zlib-sync, got "pako"')
})
