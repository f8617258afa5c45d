import { describe, expect, test } from 'vitest'

import {
  ClosedError,
  CommandError,
  ConfigError,
  ConnectError,
  DecodeError,
  errorCodes,
  FatalCloseError,
  GatewayError,
  TimeoutError,
} from '../src/errors.ts'

const cause = new Error('below')
const options = { cause, context: { host: 'gateway.test' } }
const errors: readonly GatewayError[] = [
  new GatewayError('HTTP_FAILED', 'message', options),
  new ConfigError('CONFIG_INVALID', 'message', options),
  new ConnectError('CONNECT_FAILED', 'message', options),
  new TimeoutError('TIMEOUT_HELLO', 'message', options),
  new DecodeError('DECODE_DATA', 'message', options),
  new CommandError('COMMAND_INVALID', 'message', options),
  new ClosedError('CLOSED_LOCALLY', 'message', options),
]

describe.each(errors.map((error) => [error.constructor.name, error] as const))('%s', (name, error) => {
  test('is an Error, a GatewayError, and named after its class', () => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(GatewayError)
    expect(error.name).toBe(name)
    expect(String(error)).toBe(`${name}: message`)
    expect(error.stack).toContain('errors.test.ts')
  })

  test('carries cause and context, and shows all but the cause as JSON', () => {
    expect(error.cause).toBe(cause)
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name,
      code: error.code,
      message: 'message',
      context: { host: 'gateway.test' },
    })
  })

  test('is recognised as one of ours', () => {
    expect(GatewayError.isGatewayError(error)).toBe(true)
  })
})

test('without options there is an empty context, and no cause at all', () => {
  const error = new GatewayError('ABORTED', 'message')
  expect(error.context).toEqual({})
  expect('cause' in error).toBe(false)
  expect(Object.keys(new GatewayError('ABORTED', 'message', { cause: undefined }))).not.toContain('cause')
})

test('a fatal close is a closed error with its code, also in the context', () => {
  const error = new FatalCloseError(4004, 'message', options)
  expect(error).toBeInstanceOf(ClosedError)
  expect(error).toMatchObject({ name: 'FatalCloseError', code: 'CLOSED_FATAL', closeCode: 4004, cause })
  expect(error.context).toEqual({ host: 'gateway.test', closeCode: 4004 })
  expect(new FatalCloseError(4014, 'message').context).toEqual({ closeCode: 4014 })
})

describe('recognising', () => {
  test('errors of a second copy of the library, though its classes are others', async () => {
    // The query makes a module of its own; a literal would be resolved by the compiler.
    const path = '../src/errors.ts?second-copy'
    const copy = (await import(path)) as { readonly GatewayError: typeof GatewayError }
    expect(copy.GatewayError).not.toBe(GatewayError)
    const foreign = new copy.GatewayError('ABORTED', 'message')
    expect(foreign).not.toBeInstanceOf(GatewayError)
    expect(GatewayError.isGatewayError(foreign)).toBe(true)
    expect(copy.GatewayError.isGatewayError(errors[0])).toBe(true)
  })

  test.each([
    [undefined],
    [null],
    ['ABORTED'],
    [5],
    [new Error('ABORTED')],
    [{ name: 'GatewayError', code: 'ABORTED', message: '' }],
    [() => undefined],
  ])('nothing else: %s', (value) => {
    expect(GatewayError.isGatewayError(value)).toBe(false)
  })

  test('the mark is not shown', () => {
    expect(Object.keys(new GatewayError('ABORTED', 'message')).toSorted()).toEqual([
      'code',
      'context',
      'name',
    ])
  })
})

describe('a wrong option', () => {
  test.each([
    [300, '300'],
    ['text', '"text"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['a "b"\n', String.raw`"a \"b\"\n"`],
    [[1, 2], 'an array'],
    [{ a: 1 }, 'an object'],
    [new Map(), 'an object'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [5n, '5'],
    [Symbol('s'), 'Symbol(s)'],
    [true, 'true'],
    // Somebody may have mixed up two options.
    [`Bot ${'M'.repeat(24)}.GabcdE.${'s'.repeat(27)}`, 'what looks like a token'],
    ['gateway.discord.gg', '"gateway.discord.gg"'],
  ])('%s', (seen, shown) => {
    const error = ConfigError.option('largeThreshold', seen, 'an integer from 50 to 250')
    expect(error).toMatchObject({
      name: 'ConfigError',
      code: 'CONFIG_INVALID',
      message: `option largeThreshold must be an integer from 50 to 250, got ${shown}`,
    })
    expect(error.context).toEqual({ option: 'largeThreshold', allowed: 'an integer from 50 to 250' })
  })
})

test('codes are in capitals, and each has a meaning of its own', () => {
  const codes = Object.keys(errorCodes)
  expect(codes.filter((code) => !/^[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([])
  expect(new Set(Object.values(errorCodes)).size).toBe(codes.length)
})
