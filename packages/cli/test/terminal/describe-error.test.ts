import { GatewayError } from 'twilight-gateway'
import { expect, test } from 'vitest'

import { describeError } from '../../src/terminal/describe-error.ts'

test('an error of the library shows its code', () => {
  const error = new GatewayError('HTTP_FAILED', 'could not reach it')
  expect(describeError(error)).toBe('could not reach it [HTTP_FAILED]')
})

test.each([
  ['could not reach it: check the network, or apiUrl', 'could not reach it: check the network, or --api'],
  ['option token must be the bot token', 'DISCORD_TOKEN must be the bot token'],
  ['option gatewayUrl must be a URL', '--gateway must be a URL'],
])('%s: options go by the names that they have here', (message, text) => {
  expect(describeError(new GatewayError('CONFIG_INVALID', message))).toBe(`${text} [CONFIG_INVALID]`)
})

test('what a server sent cannot steer the terminal', () => {
  const error = new GatewayError('HTTP_FAILED', 'GET / answered 500: \u001b[2Jboo')
  expect(describeError(error)).toBe('GET / answered 500: [2Jboo [HTTP_FAILED]')
})

test.each([
  ['EADDRINUSE', 'port 80 of ::1 is taken: choose another with --port, or --port 0 for any free one'],
  ['EACCES', 'port 80 of ::1 may not be used without privileges: choose one above 1023 with --port'],
  ['EADDRNOTAVAIL', 'port 80 of ::1 cannot be used: --host must be an address of this machine'],
])('%s says what to do', (code, text) => {
  const error = Object.assign(new Error('listen failed'), {
    code,
    syscall: 'listen',
    address: '::1',
    port: 80,
  })
  expect(describeError(error)).toBe(text)
})

test('anything else', () => {
  expect(describeError(new Error('a\nb'))).toBe('a b')
  expect(describeError('thrown')).toBe('thrown')
})
