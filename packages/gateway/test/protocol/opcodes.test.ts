import { GatewayOpcodes } from 'discord-api-types/v10'
import { expect, test } from 'vitest'

import { Opcode, sessionOpcodes } from '../../src/protocol/opcodes.ts'

test('names and numbers are those of discord-api-types', () => {
  const theirs = Object.entries(GatewayOpcodes).filter(([, op]) => typeof op === 'number')
  expect(Opcode).toEqual(Object.fromEntries(theirs))
})

test('heartbeat, identify and resume are the session’s own', () => {
  expect([...sessionOpcodes]).toEqual([1, 2, 6])
})
