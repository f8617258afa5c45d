import { pathToFileURL } from 'node:url'

import { ConfigError } from '../../errors.ts'
import { agentModulePath, isAgentModule, type AgentModule } from '../agent-module.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { CommonOptions } from '../shard-options.ts'

/** What a shard thread is started with: options that can be cloned. */
export interface ThreadData {
  readonly options: CommonOptions
}

/** Options that hold functions or objects of this thread, with what to do instead. */
const confined = {
  clock: 'left out: threads keep the system clock',
  random: 'left out: threads draw their own jitter',
  agent: 'left out, or { module }, which makes the agent within each thread',
} as const

/**
 * The part of a cluster's options that its threads need.
 * @throws ConfigError CONFIG_INVALID for options that cannot cross into a thread
 */
export function threadData(options: CommonOptions, common: ResolvedOptions, threads: number): ThreadData {
  for (const [name, allowed] of Object.entries(confined)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !isAgentModule(value)) {
      throw ConfigError.option(name, 'a value with threads', allowed)
    }
  }
  const own: CommonOptions = {
    token: common.token,
    intents: common.intents,
    compression: common.compression,
    encoding: common.codec.encoding,
    zlib: common.zlib,
    largeThreshold: common.largeThreshold,
    identifyProperties: common.identifyProperties,
    rateLimit: common.rateLimit,
    commandQueueLimit: common.commandQueueLimit,
    highWaterMark: common.highWaterMark,
    // The other half is for what waits in the main thread.
    connectsAtOnce: common.connectsAtOnce,
    highWaterBytes: Math.ceil(common.highWaterBytes / 2 / threads),
    maxMessageBytes: common.maxMessageBytes,
    maxInflatedBytes: common.maxInflatedBytes,
    timeouts: common.timeouts,
    backoff: common.backoff,
    ...(common.eventTypes === undefined ? {} : { eventTypes: [...common.eventTypes] }),
    ...(common.capabilities === undefined ? {} : { capabilities: common.capabilities }),
    ...(common.tls === undefined ? {} : { tls: cloned('tls', common.tls) }),
    ...(isAgentModule(options.agent) ? { agent: portable(options.agent) } : {}),
  }
  return { options: structuredClone(own) }
}

/** A URL object cannot be cloned. */
function portable(agent: AgentModule): AgentModule {
  const module = pathToFileURL(agentModulePath(agent)).href
  return { module, options: cloned('agent.options', agent.options) }
}

function cloned<Value>(option: string, value: Value): Value {
  try {
    return structuredClone(value)
  } catch (cause) {
    throw new ConfigError(
      'CONFIG_INVALID',
      `option ${option} must hold plain values (texts, numbers) with threads: contexts and functions cannot cross`,
      { cause, context: { option } },
    )
  }
}
