import { createSecureContext } from 'node:tls'

import { beforeAll, describe, expect, test } from 'vitest'

import { ConfigError, Shard, type TlsOptions } from '../../src/index.ts'
import { secureContext } from '../../src/wire/tls-context.ts'
import { PrivateCa, type ServerCertificate } from '../support/private-ca.ts'

let ca: PrivateCa
let client: ServerCertificate

beforeAll(async () => {
  ca = await PrivateCa.create()
  client = await ca.issue('client.test')
})

describe('connections share a context', () => {
  test('without settings, and with equal ones', () => {
    expect(secureContext()).toBe(secureContext({}))
    expect(secureContext({ roots: ca.cert, key: client.key, cert: client.cert })).toBe(
      secureContext({ cert: client.cert, key: client.key, roots: [ca.cert] }),
    )
    expect(secureContext({ roots: 'bundled' })).toBe(secureContext({ roots: 'bundled' }))
    expect(secureContext({ ca: Buffer.from(ca.cert) })).toBe(secureContext({ ca: ca.cert }))
    expect(secureContext({ servername: 'a.test' })).toBe(secureContext({ servername: 'b.test' }))
  })

  test('not with others', () => {
    const settings: TlsOptions[] = [
      {},
      { roots: ca.cert },
      { roots: 'bundled' },
      { minVersion: 'TLSv1.3' },
      { maxVersion: 'TLSv1.2' },
      { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
      { cert: client.cert, key: client.key },
    ]
    expect(new Set(settings.map((tls) => secureContext(tls))).size).toBe(settings.length)
  })

  test('of settings that have no text, only those of the same object', () => {
    const settings: TlsOptions = { cert: client.cert, key: [{ pem: client.key }] }
    expect(secureContext(settings)).toBe(secureContext(settings))
    expect(secureContext(settings)).not.toBe(secureContext({ ...settings }))
  })

  test('that was made elsewhere', () => {
    const own = createSecureContext()
    expect(secureContext({ secureContext: own, servername: 'a.test' })).toBe(own)
    expect(secureContext({ secureContext: own, ca: 'not read' })).toBe(own)
  })
})

test('settings that cannot be used are refused each time', () => {
  const tls = { cert: 'no certificate' }
  expect(() => secureContext(tls)).toThrow(/option tls cannot be used: .*PEM/)
  expect(() => secureContext(tls)).toThrow(ConfigError)
})

test.each<[string, () => object, RegExp]>([
  [
    'a version below 1.2',
    () => ({ minVersion: 'TLSv1.1' }),
    /tls\.minVersion must be TLSv1\.2 or TLSv1\.3.*"TLSv1\.1"/,
  ],
  ['a newest version below 1.2', () => ({ maxVersion: 'TLSv1' }), /tls\.maxVersion must be/],
  [
    'a version by its old name',
    () => ({ secureProtocol: 'TLSv1_method' }),
    /tls\.secureProtocol must be left out/,
  ],
  [
    'versions that exclude each other',
    () => ({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }),
    /tls\.maxVersion must be minVersion/,
  ],
  [
    'a path',
    () => ({ roots: '/etc/ssl/ca.pem' }),
    /tls\.roots must be .* not a path .*"\/etc\/ssl\/ca\.pem"/,
  ],
  ['bytes', () => ({ roots: Buffer.from(ca.cert) }), /tls\.roots must be .*PEM texts/],
  ['no root', () => ({ roots: [] }), /at least one, got an array/],
  [
    'a root that is cut',
    () => ({ roots: [ca.cert, ca.cert.replace(/\n.{10}/, '\n')] }),
    /this one cannot be read/,
  ],
  ['roots twice', () => ({ roots: 'bundled', ca: ca.cert }), /tls\.ca must be left out/],
  [
    'roots and a context',
    () => ({ roots: 'bundled', secureContext: secureContext() }),
    /tls\.secureContext must be alone/,
  ],
  [
    'a version and a context',
    () => ({ minVersion: 'TLSv1.3', secureContext: secureContext() }),
    /must be alone/,
  ],
  ["another's key", () => ({ cert: ca.cert, key: client.key }), /tls cannot be used: .*key values mismatch/],
  ['no object', () => 'wss' as unknown as object, /tls must be an object/],
])('%s is refused where it is given', (_what, tls, message) => {
  const options = { token: 'a.b.c', intents: 0, tls: tls() as TlsOptions }
  expect(() => new Shard(options)).toThrow(ConfigError)
  expect(() => new Shard(options)).toThrow(message)
})

test('an error shows nothing of a key', () => {
  const [, secret = ''] = client.key.split('\n')
  for (const tls of [
    { key: client.key, cert: ca.cert },
    { roots: client.key },
    { ca: 'x', roots: client.key },
  ]) {
    expect(() => new Shard({ token: 'a.b.c', intents: 0, tls })).toThrow(expect.not.stringContaining(secret))
  }
})
