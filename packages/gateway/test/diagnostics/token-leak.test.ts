import { join } from 'node:path'

import { expect, test } from 'vitest'

import { runProgram } from '../support/run-program.ts'
import { leaksOf } from './token-leak.ts'

/** In Discord's shape, with all characters that an encoding might change. */
const token = 'NzAwMDAwMDAwMDAwMDAwMDAx.G~k+Qz.s3cr-t_PaRt/oF=the.Token-0123456789abcdefXYZ'

test('nothing that the library shows holds the token, through a life with faults of many kinds', async () => {
  const { code, stdout, stderr } = await runProgram(join(import.meta.dirname, 'token-run.ts'), {
    TOKEN_UNDER_TEST: token,
  })
  expect([code, stderr]).toEqual([0, ''])
  expect(leaksOf(stdout, token)).toEqual([])
  // What could have shown it was there.
  const proofs = [
    '"token":"<redacted>"',
    'Authentication failed: <redacted>',
    'you said <redacted>',
    'Bot <redacted>',
    'HTTP_UNAUTHORIZED',
    'HTTP_FAILED',
    'CONFIG_INVALID',
    'CONNECT_REFUSED',
    'COMMAND_INVALID',
    'COMMAND_TOO_LARGE',
    'DECODE_INFLATE',
    'DECODE_PAYLOAD',
    'CLOSED_FATAL',
    'CLOSED_LOCALLY',
    'SHARD_STATE',
    'FatalCloseError',
    'SHARD_LISTENER_ERROR',
    'SHARD_RESUMING',
    'SHARD_IDENTIFYING',
    'InMemoryIdentifyQueue',
    'event of a thread',
    'it lived through',
  ]
  expect(proofs.filter((proof) => !stdout.includes(proof))).toEqual([])
}, 60_000)

test.each([
  ['plain', `x ${token} y`],
  ['plain', `a part of it: ${token.slice(30, 45)}`],
  ['reversed', token.split('').toReversed().join('')],
  ['base64', Buffer.from(token).toString('base64')],
  ['base64', Buffer.from(`{"token":"${token}"}`).toString('base64')],
  ['base64', Buffer.from(`{"d":"${token}"}`).toString('base64')],
  ['base64url', Buffer.from(`${token}?>~`).toString('base64url')],
  ['hex', Buffer.from(token).toString('hex').toUpperCase()],
  [
    'hex bytes, as util.inspect shows them',
    '<Buffer 4e 7a 41 77 4d 44 41 77 4d 44 41 77 4d 44 ... 80 more bytes>',
  ],
  ['decimal bytes, as JSON shows them', JSON.stringify(Buffer.from(`x${token}`))],
  [
    'JSON escapes',
    token
      .split('')
      .map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
      .join(''),
  ],
  ['percent encoding', encodeURIComponent(token)],
  ['UTF-16 in base64', Buffer.from(`x${token}`, 'utf16le').toString('base64')],
])('the search finds it: %s', (form, text) => {
  expect(leaksOf(text, token)).toContain(form)
})

test('the search does not find what only resembles it', () => {
  const other = 'NzAwMDAwMDA.another.one-with_the=same/characters+~0123456789'
  const texts = [other, Buffer.from(other).toString('base64'), JSON.stringify(Buffer.from(other))]
  expect(leaksOf(texts.join('\n'), token)).toEqual([])
})
