import { fetch as httpFetch, ProxyAgent } from 'undici'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'
import type { Emulator, EmulatorOptions } from 'twilight-emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { Cluster, type ClusterOptions, type Fetch } from '../../src/index.ts'
import { PrivateCa, type ServerCertificate } from '../support/private-ca.ts'
import { Proxy, type ProxyKind } from '../support/proxy.ts'
import {
  commonOptions,
  expectAllOnce,
  makeCluster,
  makeShard,
  Reader,
  say,
  startEmulator,
  testHere,
} from './fixture.ts'

const notAcross = 'an agent object cannot cross into a thread; a module that makes one can'

const module = new URL('../support/proxy-agent.mjs', import.meta.url)
const kinds = ['http', 'https', 'socks'] as const
const proxies = new Map<ProxyKind, Proxy>()
let ca: PrivateCa
let certificate: ServerCertificate

beforeAll(async () => {
  ca = await PrivateCa.create()
  certificate = await ca.issue('127.0.0.1')
  await Promise.all(kinds.map(async (kind) => proxies.set(kind, await Proxy.start(kind, certificate))))
})

beforeEach(() => {
  for (const proxy of proxies.values()) proxy.targets.length = 0
})

afterAll(async () => Promise.all([...proxies.values()].map(async (proxy) => proxy.stop())))

function proxyOf(kind: ProxyKind): Proxy {
  const proxy = proxies.get(kind)
  if (proxy === undefined) throw new Error(`no ${kind} proxy`)
  return proxy
}

/** The connections of the emulator that did not come through the proxy, and the tunnels that lead elsewhere. */
function bypassed(proxy: Proxy, emulator: Emulator): unknown[] {
  const hosts = [new URL(emulator.url).host, new URL(emulator.resumeUrl).host]
  const here = proxy.targets.filter((target) => hosts.includes(target))
  const elsewhere = proxy.targets.filter((target) => !hosts.includes(target))
  return [...emulator.report().connections.slice(here.length), ...elsewhere]
}

describe.each(kinds)('through a proxy by %s', (kind) => {
  describe.each<[string, Partial<ClusterOptions>]>([
    ['in this thread', {}],
    ['in threads', { threads: 2, random: undefined }],
  ])('%s', (_where, mode) => {
    test.each<[string, () => Pick<EmulatorOptions, 'tls'>]>([
      ['ws', () => ({})],
      ['wss', () => ({ tls: certificate })],
    ])('shards connect by %s, and resume when their tunnels break', async (_scheme, served) => {
      const proxy = proxyOf(kind)
      const emulator = await startEmulator({ shards: 2, ...served() })
      const cluster = await makeCluster(emulator, {
        ...mode,
        shards: 2,
        agent: { module, options: { url: proxy.url(), ca: ca.cert } },
        tls: { roots: ca.cert },
      })
      const reader = new Reader(cluster)
      await cluster.up()
      say(emulator, 'one')
      await reader.until(() => reader.contents.includes('one'))
      emulator.all.drop()
      say(emulator, 'two')
      await reader.until(() => reader.contents.includes('two'))
      await reader.until(() => reader.of('SHARD_CONNECTED').filter(({ data }) => data.resumed).length === 2)
      await expectAllOnce(emulator, reader)
      await expect.poll(() => bypassed(proxy, emulator)).toEqual([])
    })
  })

  testHere(notAcross, 'an agent of this thread does as well', async () => {
    const proxy = proxyOf(kind)
    const emulator = await startEmulator({ tls: certificate })
    const url = proxy.url()
    const agent = kind === 'socks' ? new SocksProxyAgent(url) : new HttpsProxyAgent(url, { ca: ca.cert })
    onTestFinished(() => agent.destroy())
    await makeShard(emulator, { agent, tls: { roots: ca.cert } }).start()
    await expect.poll(() => bypassed(proxy, emulator)).toEqual([])
  })

  test("the gateway's certificate is checked through the tunnel, with the roots of tls", async () => {
    const emulator = await startEmulator({ tls: certificate })
    const other = await PrivateCa.create('another authority')
    const shard = makeShard(emulator, {
      agent: { module, options: { url: proxyOf(kind).url(), ca: ca.cert } },
      tls: { roots: other.cert },
    })
    expect(await firstFailure(shard)).toMatchObject({ code: 'CONNECT_TLS' })
  })

  test('wrong credentials are told, and that nobody is there', async () => {
    const emulator = await startEmulator()
    const options = { url: proxyOf(kind).url('wrong'), ca: ca.cert }
    const refused = await firstFailure(makeShard(emulator, { agent: { module, options } }))
    expect(refused).toMatchObject(
      kind === 'socks'
        ? { code: 'CONNECT_FAILED', message: expect.stringMatching(/authentication failed/i) }
        : {
            code: 'CONNECT_REFUSED',
            context: { status: 407 },
            message: expect.stringContaining('credentials'),
          },
    )
    expect(String(refused)).not.toContain('wrong')
    const gone = await Proxy.start(kind, certificate)
    await gone.stop()
    const nobody = await firstFailure(
      makeShard(emulator, { agent: { module, options: { url: gone.url(), ca: ca.cert } } }),
    )
    expect(nobody).toMatchObject({ code: 'CONNECT_FAILED' })
    expect(emulator.report().connections).toEqual([])
  })
})

test('/gateway/bot goes through a proxy by the fetch that was given, and retries', async () => {
  const proxy = proxyOf('http')
  const emulator = await startEmulator({ tls: certificate })
  const dispatcher = new ProxyAgent({ uri: proxy.url(), requestTls: { ca: ca.cert } })
  onTestFinished(async () => dispatcher.close())
  let calls = 0
  const fetch: Fetch = (url, init) => {
    calls += 1
    return calls === 1
      ? Promise.reject(new TypeError('fetch failed'))
      : httpFetch(url, { ...init, dispatcher })
  }
  const { gatewayUrl: _, identifyQueue: __, ...options } = commonOptions(emulator)
  const cluster = await Cluster.create({
    ...options,
    random: () => 0,
    apiUrl: emulator.apiUrl,
    fetch,
    agent: { module, options: { url: proxy.url() } },
    tls: { roots: ca.cert },
  })
  onTestFinished(async () => cluster.down())
  await cluster.up()
  expect(calls).toBe(2)
  const { host } = new URL(emulator.url)
  await expect.poll(() => proxy.targets).toEqual([host, host])
})

/** The error of a shard's first attempt to connect. */
async function firstFailure(shard: ReturnType<typeof makeShard>): Promise<unknown> {
  const reader = new Reader(shard)
  void shard.start().catch(() => undefined)
  await reader.has('SHARD_DISCONNECTED')
  return reader.of('SHARD_DISCONNECTED')[0]?.data.error
}
