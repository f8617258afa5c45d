import { createGatewayManager, ShardSocketCloseCodes, TransportCompression } from '@discordeno/gateway'
import type { CreateGatewayManagerOptions } from '@discordeno/gateway'
import { expect, test } from 'vitest'

import { Intent } from '../../src/index.ts'
import { faultless, patience, surviveFaults, surviveInvalidSession } from './client-case.ts'
import type { LogIn } from './client-case.ts'

const quiet = () => undefined

function logInWith(options: Partial<CreateGatewayManagerOptions> = {}): LogIn {
  return async (emulator, heard) => {
    const manager = createGatewayManager({
      token: emulator.token,
      url: emulator.url,
      intents: Intent.Guilds | Intent.GuildMessages | Intent.MessageContent,
      resharding: { enabled: false, shardsFullPercentage: 80, checkInterval: -1 },
      events: {
        message: (_shard, { t, d }) => {
          if (t !== 'MESSAGE_CREATE' || typeof d !== 'object' || d === null || !('content' in d)) return
          heard(String(d.content))
        },
      },
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet },
      ...options,
    })
    // Resolves only when the identify window of the last shard has passed.
    await manager.spawnShards()
    return async () => manager.shutdown(ShardSocketCloseCodes.Shutdown, 'done')
  }
}

test.concurrent.each<[string, Partial<CreateGatewayManagerOptions>]>([
  ['no compression', {}],
  ['zlib-stream', { transportCompression: TransportCompression.zlib }],
])('discordeno with %s survives op 7 and a dropped connection', patience, async (_name, options) => {
  const { heard, ...seen } = await surviveFaults(logInWith(options))
  // It inflates asynchronously, so on a busy machine it resumes behind what it has handed out, and hears it again.
  expect({ ...seen, heard: [...new Set(heard)] }).toEqual({ ...faultless, leftWith: 3000 })
})

test.concurrent('discordeno survives op 9 d:false', patience, async () => {
  expect(await surviveInvalidSession(logInWith())).toEqual({
    heard: ['before', 'after'],
    violations: [],
    identifies: ['ready', 'ready'],
    resumes: [],
    // It identifies anew at `resume_gateway_url`, where Discord wants only resumes.
    listeners: ['bootstrap', 'resume'],
    leftWith: 3000,
  })
})
