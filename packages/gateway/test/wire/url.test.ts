import { describe, expect, test } from 'vitest'

import { ConfigError } from '../../src/errors.ts'
import { gatewayUrl } from '../../src/wire/url.ts'

test.each([
  ['zstd-stream', 'wss://gateway.discord.gg/?v=10&encoding=json&compress=zstd-stream'],
  ['zlib-stream', 'wss://gateway.discord.gg/?v=10&encoding=json&compress=zlib-stream'],
  ['payload', 'wss://gateway.discord.gg/?v=10&encoding=json'],
  ['none', 'wss://gateway.discord.gg/?v=10&encoding=json'],
] as const)('%s', (compression, url) => {
  expect(gatewayUrl('wss://gateway.discord.gg', compression, 'json')).toBe(url)
  expect(gatewayUrl('wss://gateway.discord.gg/', compression, 'json')).toBe(url)
})

test('the encoding is the one that is asked for', () => {
  expect(gatewayUrl('wss://gateway.discord.gg', 'none', 'etf')).toBe(
    'wss://gateway.discord.gg/?v=10&encoding=etf',
  )
})

describe('what the base brings', () => {
  test('path, port, credentials and query are kept', () => {
    expect(gatewayUrl('ws://user:pass@127.0.0.1:8080/proxy/?shard=a%20b', 'none', 'json')).toBe(
      'ws://user:pass@127.0.0.1:8080/proxy/?shard=a+b&v=10&encoding=json',
    )
  })

  test('version, encoding and compression are ours, each once', () => {
    const base = 'wss://gateway.test/?v=9&compress=zlib-stream&encoding=etf&v=8'
    expect(gatewayUrl(base, 'none', 'json')).toBe('wss://gateway.test/?v=10&encoding=json')
    expect(gatewayUrl(base, 'zstd-stream', 'json')).toBe(
      'wss://gateway.test/?v=10&compress=zstd-stream&encoding=json',
    )
  })

  test('a fragment is dropped, for no websocket has one', () => {
    expect(gatewayUrl('wss://gateway.test/#top', 'none', 'json')).toBe(
      'wss://gateway.test/?v=10&encoding=json',
    )
  })

  test('scheme and host may be written in any case, with space around', () => {
    expect(gatewayUrl(' WSS://Gateway.Test ', 'none', 'json')).toBe('wss://gateway.test/?v=10&encoding=json')
  })

  test('to make a URL of one that was made changes nothing', () => {
    const url = gatewayUrl('wss://gateway.test', 'zlib-stream', 'json')
    expect(gatewayUrl(url, 'zlib-stream', 'json')).toBe(url)
  })
})

test.each([
  'https://gateway.discord.gg',
  'gateway.discord.gg',
  '',
  'wss://',
  'ws+unix:///socket',
  'file:///x',
])('%j is refused', (base) => {
  expect(() => gatewayUrl(base, 'none', 'json')).toThrow(ConfigError)
  expect(() => gatewayUrl(base, 'none', 'json')).toThrow(
    `option gatewayUrl must be a ws:// or wss:// URL, got ${JSON.stringify(base)}`,
  )
})
