import { ActivityType, PresenceUpdateStatus, type GatewayOpcodes } from 'discord-api-types/v10'
import { expect, expectTypeOf, test } from 'vitest'

import type { GatewayCommand, PresenceUpdate } from '../../src/protocol/commands.ts'
import { Opcode, sessionOpcodes } from '../../src/protocol/opcodes.ts'

test('statuses are allowed as plain strings and as the enum', () => {
  const plain = { since: null, activities: [{ name: 'x', type: 0 }], status: 'idle', afk: false } as const
  const named: PresenceUpdate = {
    since: null,
    activities: [{ name: 'x', type: ActivityType.Playing }],
    status: PresenceUpdateStatus.Idle,
    afk: false,
  }
  expect(plain).toEqual(named)
  expectTypeOf<'idle'>().toExtend<PresenceUpdate['status']>()
  expectTypeOf<'asleep'>().not.toExtend<PresenceUpdate['status']>()
})

test('a command is one of the five that bots may send', () => {
  expectTypeOf<GatewayCommand['op']>().toEqualTypeOf<
    | GatewayOpcodes.PresenceUpdate
    | GatewayOpcodes.VoiceStateUpdate
    | GatewayOpcodes.RequestGuildMembers
    | GatewayOpcodes.RequestSoundboardSounds
    | GatewayOpcodes.RequestChannelInfo
  >()
  const sent = [Opcode.PresenceUpdate, Opcode.VoiceStateUpdate, Opcode.RequestGuildMembers]
  const all = [...sent, Opcode.RequestSoundboardSounds, Opcode.RequestChannelInfo]
  expect(all.filter((op) => sessionOpcodes.has(op))).toEqual([])
  expect(all).toEqual([3, 4, 8, 31, 43])
})
