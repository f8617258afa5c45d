import type * as zlib from 'node:zlib'
import { deflateSync } from 'node:zlib'

import { expect, test, vi } from 'vitest'

import { createInflater } from '../../src/wire/inflate/create-inflater.ts'

/** A Node whose zstd has no handle of the kind that we know, as after a change of its internals. */
vi.mock('node:zlib', async (original) => ({
  ...(await original<typeof zlib>()),
  createZstdDecompress: () => ({ _handle: {}, _writeState: new Uint32Array(2) }),
}))

const options = { maxInflatedBytes: 1_000 }

test('a Node whose decoder works in another way is refused by name, before anything is decoded wrongly', () => {
  expect(() => createInflater('zstd-stream', options)).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(
        `option compression cannot be zstd-stream on Node ${process.versions.node}`,
      ),
      context: { option: 'compression', format: 'zstd' },
    }),
  )
})

test('it is refused each time, and the other formats work on', () => {
  expect(() => createInflater('zstd-stream', options)).toThrow(/zstd/)
  const payload = createInflater('payload', options)
  expect(String(payload.inflate(deflateSync('{"op":10}'), true))).toBe('{"op":10}')
})
