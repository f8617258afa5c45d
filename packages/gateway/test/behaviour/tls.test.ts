import { Agent } from 'node:https'
import { createServer } from 'node:net'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'

import type { Emulator, EmulatorOptions } from 'twilight-emulator'
import { Agent as HttpAgent, fetch as httpFetch } from 'undici'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import {
  Cluster,
  type ClusterOptions,
  type Fetch,
  type ShardOptions,
  type TlsOptions,
} from '../../src/index.ts'
import { PrivateCa, type ServerCertificate } from '../support/private-ca.ts'
import { programOutput } from '../support/program-output.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commonOptions, makeCluster, makeShard, Reader, startEmulator, testHere } from './fixture.ts'

let ca: PrivateCa
let otherCa: PrivateCa
let good: ServerCertificate

beforeAll(async () => {
  ca = await PrivateCa.create()
  otherCa = await PrivateCa.create('another authority')
  good = await ca.issue('127.0.0.1')
})

const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
const dayMs = 24 * 3_600_000

describe.each([
  ['in this thread', {}],
  ['in a thread', { threads: 1, random: undefined }],
])('%s', (_where, mode: Partial<ClusterOptions>) => {
  test.each<[string, () => TlsOptions]>([
    ['its root alone', () => ({ roots: ca.cert })],
    ['a list that holds its root', () => ({ roots: [otherCa.cert, ca.cert] })],
    ['a text that holds several roots', () => ({ roots: `# ours\n${otherCa.cert}\n${ca.cert}` })],
    ["its root by Node's name", () => ({ ca: Buffer.from(ca.cert) })],
    ['its root and the newest version', () => ({ roots: ca.cert, minVersion: 'TLSv1.3' })],
  ])('a server of a private authority is accepted with %s', async (_what, tls) => {
    const emulator = await startEmulator({ tls: good })
    const cluster = await makeCluster(emulator, { ...mode, shards: 1, tls: tls() })
    await cluster.up()
    expect(emulator.url).toMatch(/^wss:/)
    expect(emulator.report().violations).toEqual([])
  })

  test.each<
    [string, RegExp, () => Promise<NonNullable<EmulatorOptions['tls']>>, () => TlsOptions | undefined]
  >([
    ['of another authority', /no authority that is trusted/, issued, () => ({ roots: otherCa.cert })],
    [
      "of an authority that is not Mozilla's",
      /no authority that is trusted/,
      issued,
      () => ({ roots: 'bundled' }),
    ],
    ['of a private authority, by default', /no authority that is trusted/, issued, () => undefined],
    ['of another host', /for another host/, () => ca.issue('gateway.test'), trusted],
    [
      'that expired',
      /expired.*clock/,
      () => ca.issue('127.0.0.1', { fromMs: -2 * dayMs, toMs: -dayMs }),
      trusted,
    ],
    ['of tomorrow', /clock/, () => ca.issue('127.0.0.1', { fromMs: dayMs, toMs: 2 * dayMs }), trusted],
    ['and TLS 1.1', /TLS from 1\.2/, async () => ({ ...good, ...old }), trusted],
    [
      'and TLS 1.2, if 1.3 is asked for',
      /TLS from 1\.2/,
      async () => ({ ...good, maxVersion: 'TLSv1.2' }),
      newest,
    ],
  ])('a server with a certificate %s is refused, again and again', async (_what, message, served, tls) => {
    const emulator = await startEmulator({ tls: await served() })
    const cluster = await makeCluster(emulator, {
      ...mode,
      shards: 1,
      ...(tls() === undefined ? {} : { tls: tls() as TlsOptions }),
    })
    const reader = new Reader(cluster)
    void cluster.up()
    await reader.has('SHARD_DISCONNECTED', 3)
    for (const { data } of reader.of('SHARD_DISCONNECTED')) {
      expect(data).toMatchObject({
        cause: 'connect-failed',
        error: { name: 'ConnectError', code: 'CONNECT_TLS' },
      })
      expect(data.error?.message).toMatch(message)
      expect(data.error?.message).toContain(new URL(emulator.url).host)
    }
    expect(reader.of('SHARD_RECONNECTING').map(({ data }) => data.attempt)).toEqual(
      reader.of('SHARD_RECONNECTING').map((_, index) => index + 1),
    )
    // Nothing of ours got as far as the websocket, so no token either.
    expect(emulator.report().connections).toEqual([])
  })
})

async function issued(): Promise<ServerCertificate> {
  return good
}

function trusted(): TlsOptions {
  return { roots: ca.cert }
}

function newest(): TlsOptions {
  return { roots: ca.cert, minVersion: 'TLSv1.3' }
}

test('when the server gets the right certificate, the shard connects by itself', async () => {
  const wrong = await startEmulator({ tls: await ca.issue('gateway.test') })
  const shard = makeShard(wrong, { tls: { roots: ca.cert } })
  const reader = new Reader(shard)
  const ready = shard.start()
  await reader.has('SHARD_DISCONNECTED')
  const { port } = new URL(wrong.url)
  await wrong.stop()
  await startEmulator({ tls: good, port: Number(port), bots: [{ token: wrong.token }] })
  await ready
  await expect.poll(() => reader.of('SHARD_CONNECTED')).toHaveLength(1)
})

test('servername is the name that is asked for and checked', async () => {
  const emulator = await startEmulator({ tls: await ca.issue('gateway.test') })
  const shard = makeShard(emulator, { tls: { roots: ca.cert, servername: 'gateway.test' } })
  await shard.start()
  expect(shard.info().phase).toBe('live')
})

test('a peer that does not speak TLS is told from one that is not there', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const emulator = await startEmulator()
  expect(await firstFailure(emulator, { gatewayUrl: `wss://127.0.0.1:${port}` })).toMatchObject({
    code: 'CONNECT_TLS',
    message: expect.stringContaining('does not speak TLS on this port'),
  })
  server.close()
  await new Promise((resolve) => server.once('close', resolve))
  expect(await firstFailure(emulator, { gatewayUrl: `wss://127.0.0.1:${port}` })).toMatchObject({
    code: 'CONNECT_FAILED',
    context: { code: 'ECONNREFUSED' },
  })
})

const notAcross = 'an agent object cannot cross into a thread; a module that makes one can'

testHere(notAcross, 'an agent that agrees on TLS 1.1 is refused before anything is sent', async () => {
  const emulator = await startEmulator({ tls: { ...good, ...old } })
  const agent = new Agent({ ca: ca.cert, minVersion: 'TLSv1', ciphers: old.ciphers })
  expect(await firstFailure(emulator, { agent })).toMatchObject({
    code: 'CONNECT_TLS',
    context: { protocol: 'TLSv1.1' },
  })
  expect(emulator.report().frames).toEqual([])
})

testHere(notAcross, 'an agent with settings of its own is accepted as it is', async () => {
  const emulator = await startEmulator({ tls: good })
  const agent = new Agent({ ca: ca.cert })
  onTestFinished(() => agent.destroy())
  const shard = makeShard(emulator, { agent })
  await shard.start()
  expect(shard.info().phase).toBe('live')
})

test("this machine's roots are read where the connections are, and NODE_TLS_REJECT_UNAUTHORIZED changes nothing", async () => {
  const emulator = await startEmulator({ tls: good })
  const folder = await temporaryFolder()
  const [ours, others, none] = [join(folder, 'ours.pem'), join(folder, 'others.pem'), join(folder, 'none')]
  await mkdir(none)
  await writeFile(ours, ca.cert)
  await writeFile(others, rootCertificates[0] ?? '')
  const connect = async (env: NodeJS.ProcessEnv): Promise<unknown> =>
    programOutput(join(import.meta.dirname, 'tls-client.ts'), {
      GATEWAY_URL: emulator.url,
      BOT_TOKEN: emulator.token,
      TLS: '{"roots":"system"}',
      // Where OpenSSL looks for the machine's store.
      SSL_CERT_DIR: none,
      ...env,
    })
  const refused = { code: 'CONNECT_TLS', context: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } }
  const outcomes = await Promise.all([
    connect({ SSL_CERT_FILE: ours }),
    connect({ SSL_CERT_FILE: ours, THREADS: '1' }),
    connect({ SSL_CERT_FILE: others }),
    connect({ TLS: '{"roots":"bundled"}', NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }),
  ])
  expect(outcomes).toMatchObject(['connected', 'connected', refused, refused])
})

/** What `/gateway/bot` answers. */
function answer(url: string) {
  return {
    url,
    shards: 1,
    session_start_limit: { total: 1_000, remaining: 1_000, reset_after: 0, max_concurrency: 1 },
  }
}

describe('/gateway/bot', () => {
  test('is asked through the fetch that was given, here with the private root', async () => {
    const emulator = await startEmulator({ tls: good })
    const dispatcher = new HttpAgent({ connect: { ca: ca.cert } })
    onTestFinished(async () => dispatcher.close())
    const asked: string[] = []
    const fetch: Fetch = (url, init) => {
      asked.push(url)
      return httpFetch(url, { ...init, dispatcher })
    }
    const { gatewayUrl: _, identifyQueue: __, ...options } = commonOptions(emulator)
    const cluster = await Cluster.create({
      ...options,
      apiUrl: emulator.apiUrl,
      fetch,
      tls: { roots: ca.cert },
    })
    onTestFinished(async () => cluster.down())
    await cluster.up()
    expect(asked).toEqual([`${emulator.apiUrl}/gateway/bot`])
    expect(emulator.apiUrl).toMatch(/^https:/)
  })

  test('does not lead from TLS to plain text, unless gatewayUrl says so', async () => {
    const emulator = await startEmulator()
    const { gatewayUrl, identifyQueue: _, ...options } = commonOptions(emulator)
    const fetch = async (): Promise<Response> => Response.json(answer(emulator.url))
    const secure = { ...options, apiUrl: 'https://api.test/v10', fetch }
    await expect(Cluster.create(secure)).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      message: expect.stringContaining('no wss: URL: give it as gatewayUrl'),
    })
    await expect(
      Cluster.create({ ...secure, fetch: async () => Response.json(answer('x')) }),
    ).rejects.toThrow('wss:')
    await using explicit = await Cluster.create({ ...secure, gatewayUrl })
    await explicit.up()
    await using plain = await Cluster.create({ ...secure, apiUrl: 'http://api.test/v10' })
    await plain.up()
  })

  test('a fetch that is none is named', async () => {
    const options = {
      ...commonOptions(await startEmulator()),
      fetch: 'node-fetch' as unknown as Fetch,
    }
    await expect(Cluster.create(options)).rejects.toThrow('option fetch must be a function')
  })
})

/** The error of a shard's first attempt to connect. */
async function firstFailure(emulator: Emulator, options: Partial<ShardOptions>): Promise<unknown> {
  const shard = makeShard(emulator, options)
  const reader = new Reader(shard)
  void shard.start().catch(() => undefined)
  await reader.has('SHARD_DISCONNECTED')
  return reader.of('SHARD_DISCONNECTED')[0]?.data.error
}
