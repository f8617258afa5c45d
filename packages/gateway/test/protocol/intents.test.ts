import { GatewayIntentBits } from 'discord-api-types/v10'
import { expect, test } from 'vitest'

import { eventGates } from '../../../emulator/src/protocol/event-gate.ts'
import { dispatchNames } from '../../src/protocol/event-names.ts'
import {
  allIntents,
  Intents,
  intentTable,
  privilegedIntents,
  unprivilegedIntents,
} from '../../src/protocol/intents.ts'

test('the sums are those that Discord’s list makes', () => {
  expect(allIntents).toBe(53_608_447)
  expect(unprivilegedIntents).toBe(53_575_421)
  expect(privilegedIntents).toBe(33_026)
  expect(unprivilegedIntents | privilegedIntents).toBe(allIntents)
  expect(unprivilegedIntents & privilegedIntents).toBe(0)
})

test('each is one bit of its own, and fits in 31', () => {
  const bits = Object.values(Intents)
  expect(bits.filter((bit) => bit <= 0 || (bit & (bit - 1)) !== 0)).toEqual([])
  expect(new Set(bits).size).toBe(21)
})

test('names and bits are those of discord-api-types, without its old names', () => {
  const { GuildBans: _bans, GuildEmojisAndStickers: _emojis, ...theirs } = GatewayIntentBits
  const named = Object.entries(theirs).filter(([, bit]) => typeof bit === 'number')
  expect(Intents).toEqual(Object.fromEntries(named))
})

test('the table has a row for each, in the order of the bits', () => {
  expect(Object.fromEntries(intentTable.map(({ name, bit }) => [name, bit]))).toEqual(Intents)
  const bits = intentTable.map(({ bit }) => bit)
  expect(bits).toEqual(bits.toSorted((a, b) => a - b))
})

test('three are privileged', () => {
  expect(intentTable.filter(({ isPrivileged }) => isPrivileged).map(({ name }) => name)).toEqual([
    'GuildMembers',
    'GuildPresences',
    'MessageContent',
  ])
})

test('every event that an intent brings is a documented one, once per intent', () => {
  for (const { name, events } of intentTable) {
    expect(new Set(events).size, name).toBe(events.length)
    expect(
      events.filter((event) => !dispatchNames.includes(event)),
      name,
    ).toEqual([])
  }
  expect(intentTable.filter(({ events }) => events.length === 0).map(({ name }) => name)).toEqual([
    'MessageContent',
  ])
})

test('what brings an event is what the emulator’s own reading of the documents says', () => {
  const ours = new Map<string, number>()
  for (const { bit, events } of intentTable) {
    for (const event of events) ours.set(event, (ours.get(event) ?? 0) | bit)
  }
  const theirs = new Map(Array.from(eventGates, ([name, { guild, direct }]) => [name, guild | direct]))
  // Documented for guilds alone; the emulator could send it for a direct message.
  theirs.set('MESSAGE_DELETE_BULK', Intents.GuildMessages)
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs))
})
