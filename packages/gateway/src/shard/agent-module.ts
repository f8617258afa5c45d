import type { Agent } from 'node:http'
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ConfigError } from '../errors.ts'

const require = createRequire(import.meta.url)

/**
 * A module that makes an agent, for an agent itself cannot cross into a thread. It is loaded, and the agent made, once
 * in each thread, and in the main thread, where options are checked.
 *
 * ```ts
 * // proxy-agent.js
 * export const createAgent = (url) => new SocksProxyAgent(url)
 * // elsewhere
 * agent: { module: new URL('./proxy-agent.js', import.meta.url), options: 'socks5://127.0.0.1:1080' }
 * ```
 */
export interface AgentModule {
  /**
   * A file: URL, its text, or an absolute path. The module exports a function `createAgent`, or one as its default, that
   * is given the options and returns the agent at once. It may not use `await` at its top level.
   */
  readonly module: string | URL
  /** What the function is called with: plain data, which can be cloned. */
  readonly options?: unknown
}

/**
 * The agent that was given, or the one that the given module makes.
 * @throws ConfigError CONFIG_INVALID
 */
export function resolveAgent(agent: Agent | AgentModule | undefined): Agent | undefined {
  if (agent === undefined || isAgent(agent)) return agent
  if (!isAgentModule(agent)) {
    throw ConfigError.option('agent', agent, 'an http.Agent, or { module } that makes one')
  }
  const path = agentModulePath(agent)
  const made = call(creatorOf(load(path), path), agent.options, path)
  if (isAgent(made)) return made
  throw ConfigError.option('agent.module', made, `a module whose createAgent returns an http.Agent (${path})`)
}

/** Whether the value names a module instead of being an agent. */
export function isAgentModule(agent: unknown): agent is AgentModule {
  return typeof agent === 'object' && agent !== null && 'module' in agent
}

/** The path of the module. @throws ConfigError CONFIG_INVALID */
export function agentModulePath({ module }: AgentModule): string {
  if (typeof module === 'string' && isAbsolute(module)) return module
  const url = URL.parse(String(module))
  if (url?.protocol === 'file:') return fileURLToPath(url)
  throw ConfigError.option(
    'agent.module',
    String(module),
    "a file: URL, e.g. new URL('./agent.js', import.meta.url), or an absolute path",
  )
}

function isAgent(value: unknown): value is Agent {
  // What Node asks of one.
  return typeof value === 'object' && value !== null && 'addRequest' in value
}

function load(path: string): unknown {
  try {
    return require(path)
  } catch (cause) {
    throw failure('cannot be loaded', path, cause)
  }
}

function creatorOf(exports: unknown, path: string): (options: unknown) => unknown {
  const named = member(exports, 'createAgent') ?? member(exports, 'default') ?? exports
  if (typeof named === 'function') return named as (options: unknown) => unknown
  throw ConfigError.option('agent.module', exports, `a module that exports createAgent (${path})`)
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function call(create: (options: unknown) => unknown, options: unknown, path: string): unknown {
  try {
    return create(options)
  } catch (cause) {
    throw failure('cannot make an agent', path, cause)
  }
}

function failure(what: string, path: string, cause: unknown): ConfigError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ConfigError('CONFIG_INVALID', `option agent.module: ${path} ${what}: ${why}`, {
    cause,
    context: { option: 'agent.module', path },
  })
}
