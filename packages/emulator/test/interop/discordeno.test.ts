import { createGatewayManager, ShardSocketCloseCodes } from '@discordeno/gateway'
import { test } from 'vitest'

import { Intent } from '../../src/index.ts'
import { surviveFaults } from './client-case.ts'

test('discordeno', async () => {
  await surviveFaults(async (emulator, heard) => {
    const manager = createGatewayManager({
      token: emulator.token,
      url: emulator.url,
      intents: Intent.Guilds | Intent.GuildMessages | Intent.MessageContent,
      spawnShardDelay: 0,
      resharding: { enabled: false, shardsFullPercentage: 80, checkInterval: -1 },
      events: {
        message: (_shard, { t, d }) => {
          if (t === 'MESSAGE_CREATE' && d !== null && 'content' in d) heard(String(d.content))
        },
      },
    })
    await manager.spawnShards()
    return async () => manager.shutdown(ShardSocketCloseCodes.Shutdown, 'done')
  })
})
