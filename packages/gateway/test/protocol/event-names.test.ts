import { GatewayDispatchEvents } from 'discord-api-types/v10'
import { expect, test } from 'vitest'

import { dispatchNames } from '../../src/protocol/event-names.ts'
import { intentTable } from '../../src/protocol/intents.ts'

test('there are 79, each once, spelled as Discord spells', () => {
  expect(dispatchNames).toHaveLength(79)
  expect(new Set(dispatchNames).size).toBe(79)
  expect(dispatchNames.filter((name) => !/^[A-Z]+(_[A-Z]+)*$/.test(name))).toEqual([])
})

test('they are those of discord-api-types', () => {
  expect(dispatchNames.toSorted()).toEqual(Object.values<string>(GatewayDispatchEvents).toSorted())
})

test('sixteen need no intent; every other is behind one', () => {
  const gated = new Set(intentTable.flatMap(({ events }) => events))
  const free = dispatchNames.filter((name) => !gated.has(name))
  expect(free.toSorted()).toEqual([
    'APPLICATION_COMMAND_PERMISSIONS_UPDATE',
    'CHANNEL_INFO',
    'ENTITLEMENT_CREATE',
    'ENTITLEMENT_DELETE',
    'ENTITLEMENT_UPDATE',
    'GUILD_MEMBERS_CHUNK',
    'INTERACTION_CREATE',
    'RATE_LIMITED',
    'READY',
    'RESUMED',
    'SOUNDBOARD_SOUNDS',
    'SUBSCRIPTION_CREATE',
    'SUBSCRIPTION_DELETE',
    'SUBSCRIPTION_UPDATE',
    'USER_UPDATE',
    'VOICE_SERVER_UPDATE',
  ])
  expect(dispatchNames.slice(0, 16).toSorted()).toEqual(free.toSorted())
})
