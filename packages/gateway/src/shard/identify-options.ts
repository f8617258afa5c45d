import type { IdentifyOptions } from '../session/identify-payload.ts'
import type { ShardRunnerOptions } from './shard-runner.ts'

/** What IDENTIFY carries for a shard, beside the presence. */
export function identifyOptions({
  id,
  shardCount,
  common,
}: Pick<ShardRunnerOptions, 'id' | 'shardCount' | 'common'>): IdentifyOptions {
  return {
    token: common.token,
    intents: common.intents,
    shardId: id,
    shardCount,
    largeThreshold: common.largeThreshold,
    properties: common.identifyProperties,
    capabilities: common.capabilities,
    compress: common.compression === 'payload',
  }
}
