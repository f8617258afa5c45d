import { createSecureContext } from 'node:tls'

import { expect, test } from 'vitest'

import { secureContext } from '../../src/wire/tls-context.ts'
import { cert } from '../support/certificate.ts'

test('there is one context for all connections without settings', () => {
  expect(secureContext()).toBe(secureContext())
})

test('there is one context for all connections that share their settings', () => {
  const tls = { ca: cert }
  expect(secureContext(tls)).toBe(secureContext(tls))
  expect(secureContext(tls)).not.toBe(secureContext())
  expect(secureContext({ ca: cert })).not.toBe(secureContext(tls))
})

test('a context made elsewhere is taken as it is', () => {
  const made = createSecureContext()
  expect(secureContext({ secureContext: made })).toBe(made)
  expect(secureContext({ secureContext: made, ca: 'not read' })).toBe(made)
})

test('settings that cannot be used are refused each time', () => {
  const tls = { cert: 'no certificate' }
  expect(() => secureContext(tls)).toThrow(/PEM/)
  expect(() => secureContext(tls)).toThrow(/PEM/)
})
