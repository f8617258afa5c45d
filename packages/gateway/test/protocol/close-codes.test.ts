import { GatewayCloseCodes } from 'discord-api-types/v10'
import { describe, expect, test } from 'vitest'

import { closeCodes, closeCodeText, closeVerdict, ownCloseCodes } from '../../src/protocol/close-codes.ts'

describe('verdicts', () => {
  // Discord docs, *Opcodes and Status Codes*: the column Reconnect, and what the explanations say of sessions.
  test.each([
    [4000, 'resume'],
    [4001, 'resume'],
    [4002, 'resume'],
    [4003, 'new-session'],
    [4004, 'fatal'],
    [4005, 'resume'],
    [4007, 'new-session'],
    [4008, 'resume'],
    [4009, 'new-session'],
    [4010, 'fatal'],
    [4011, 'fatal'],
    [4012, 'fatal'],
    [4013, 'fatal'],
    [4014, 'fatal'],
  ] as const)('%i: %s', (code, verdict) => {
    expect(closeVerdict(code)).toBe(verdict)
  })

  test.each([1000, 1001, 1006])('%i: a server that goes has not ended the session', (code) => {
    expect(closeVerdict(code)).toBe('resume')
  })

  test('4006: retired, and seen again', () => {
    expect(closeVerdict(4006)).toBe('new-session')
  })

  test.each([0, 1002, 1009, 1011, 1012, 3000, 4015, 4016, 4900, 4999])('%i: unknown codes resume', (code) => {
    expect(closeVerdict(code)).toBe('resume')
  })
})

test('every documented code is in the table, once; 1000, 1001, 1006 and 4006 besides', () => {
  const theirs = Object.values(GatewayCloseCodes).filter((code) => typeof code === 'number')
  const ours = closeCodes.map(({ code }) => code)
  expect(ours).toEqual([...theirs, 1000, 1001, 1006, 4006].toSorted((a, b) => a - b))
})

/** `InvalidAPIVersion` as `invalid api version`. */
function words(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])|(?<=API)(?=[A-Z])/g, ' ').toLowerCase()
}

test('names are those of discord-api-types, in words', () => {
  const documented = closeCodes.filter(({ code }) => code in GatewayCloseCodes)
  expect(documented.map(({ name }) => name.toLowerCase())).toEqual(
    documented.map(({ code }) => words(GatewayCloseCodes[code] ?? '').replace(/ seq$/, ' sequence')),
  )
})

describe('in words', () => {
  test('a fatal code says what to do about it', () => {
    expect(closeCodeText(4014, 'Disallowed intent(s).')).toBe(
      'the gateway closed with 4014 (disallowed intents) "Disallowed intent(s).": enable the privileged intents ' +
        'that you ask for in the developer portal, or do not ask for them',
    )
  })

  test('a code without a reason', () => {
    expect(closeCodeText(1006, '')).toBe('the gateway closed with 1006 (abnormal closure): the shard resumes')
  })

  test('a code that nobody knows', () => {
    expect(closeCodeText(4999, 'new')).toBe(
      'the gateway closed with 4999 (unknown code) "new": the shard resumes',
    )
  })

  test('what the server said is quoted, whatever it holds', () => {
    expect(closeCodeText(4000, 'a "b"\n\u0007')).toContain(String.raw` "a \"b\"\n\u0007": `)
  })

  test('every code has advice that goes on with the sentence', () => {
    expect(
      closeCodes.map(({ advice }) => advice).filter((advice) => !/^[a-z].*[^.\s]$/.test(advice)),
    ).toEqual([])
  })
})

test('our own codes: one that ends the session, and one that keeps it', () => {
  expect(ownCloseCodes.end).toBe(1000)
  // Discord keeps a session at any other code; 4000 to 4999 are free to use (RFC 6455, section 7.4.2).
  expect(ownCloseCodes.resumable).toBeGreaterThan(4_014)
  expect(ownCloseCodes.resumable).toBeLessThan(5_000)
})
