import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { createSecureContext } from 'node:tls'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Cluster, ConfigError, Shard, unlimitedIdentifyQueue, type AgentModule } from '../../src/index.ts'
import { resolveAgent } from '../../src/shard/agent-module.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twilight-agent-'))
})

afterAll(async () => rm(folder, { recursive: true }))

/** A module of this text; its path. */
async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const http = `import { Agent } from 'node:http'\n`

describe('an agent is made', () => {
  test.each([
    ['createAgent', 'named.mjs', `${http}export const createAgent = (options) => new Agent(options)`],
    ['the default export', 'default.mjs', `${http}export default (options) => new Agent(options)`],
    [
      'a CommonJS module',
      'common.cjs',
      `module.exports = (options) => new (require('node:http').Agent)(options)`,
    ],
    [
      'a name in CommonJS',
      'name.cjs',
      `exports.createAgent = (options) => new (require('node:http').Agent)(options)`,
    ],
  ])('by %s, with the options', async (_what, name, text) => {
    const path = await moduleOf(name, text)
    for (const module of [path, pathToFileURL(path), pathToFileURL(path).href]) {
      const agent = resolveAgent({ module, options: { maxSockets: 7 } })
      expect(agent).toMatchObject({ maxSockets: 7, addRequest: expect.any(Function) })
    }
  })

  test('by the caller: it is taken as it is', () => {
    const agent = new Agent()
    expect(resolveAgent(agent)).toBe(agent)
    expect(resolveAgent(undefined)).toBeUndefined()
  })
})

test.each<[string, string, RegExp]>([
  ['no such export', `export const agent = 1`, /must be a module that exports createAgent .*broken/],
  [
    'something else than an agent',
    `export const createAgent = () => ({ proxy: 1 })`,
    /returns an http\.Agent/,
  ],
  ['a promise', `export const createAgent = async () => ({})`, /returns an http\.Agent/],
  [
    'an error',
    `export const createAgent = () => { throw new Error('no proxy') }`,
    /cannot make an agent: no proxy/,
  ],
  ['broken text', `export const createAgent = (`, /cannot be loaded: /],
  ['await at its top', `await 1\nexport const createAgent = () => 1`, /cannot be loaded: .*await/s],
])('a module with %s is refused where it is given, with and without threads', async (what, text, message) => {
  const module = await moduleOf(`broken-${what.replaceAll(' ', '-')}.mjs`, text)
  const options = { token: 'a.b.c', intents: 0, agent: { module } }
  expect(() => new Shard(options)).toThrow(ConfigError)
  expect(() => new Shard({ ...options, threads: 1 })).toThrow(message)
})

test.each<[unknown, RegExp]>([
  [{ module: './agent.js' }, /agent\.module must be a file: URL, .*absolute path, got "\.\/agent\.js"/],
  [{ module: 'https-proxy-agent' }, /agent\.module must be a file: URL/],
  [{ module: 'https://x.test/agent.js' }, /agent\.module must be a file: URL/],
  [{ module: '/no/such/agent.js' }, /\/no\/such\/agent\.js cannot be loaded/],
  ['http://127.0.0.1:8080', /agent must be an http\.Agent, or \{ module \}/],
  [{}, /agent must be an http\.Agent/],
])('%o is no agent', (agent, message) => {
  expect(() => new Shard({ token: 'a.b.c', intents: 0, agent: agent as AgentModule })).toThrow(message)
})

test('what cannot cross into a thread is named', async () => {
  const path = await moduleOf('plain.mjs', `${http}export const createAgent = () => new Agent()`)
  const options = {
    token: 'a.b.c',
    intents: 0,
    shards: 1,
    threads: 1,
    gatewayUrl: 'ws://127.0.0.1',
    identifyQueue: unlimitedIdentifyQueue,
  }
  await expect(Cluster.create({ ...options, agent: new Agent() })).rejects.toThrow(
    /option agent must be left out, or \{ module \}/,
  )
  const context = { secureContext: createSecureContext() }
  await expect(Cluster.create({ ...options, tls: context })).rejects.toThrow(
    /option tls must hold plain values/,
  )
  const bound = { module: path, options: { log: () => 1 } }
  await expect(Cluster.create({ ...options, agent: bound })).rejects.toThrow(
    /option agent\.options must hold plain values/,
  )
})
