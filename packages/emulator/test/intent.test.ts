import { expect, test } from 'vitest'

import { Intent } from '../src/index.ts'
import { startEmulator } from './fixture.ts'
import { everyIntent, ready } from './script-client.ts'
import { dispatchNames } from './traffic/dispatch-names.ts'

/** The docs' list of intents, written down once more: what the emulator sends is held against this. */
const gates: Readonly<Record<string, string>> = {
  Guilds: `GUILD_CREATE GUILD_UPDATE GUILD_DELETE GUILD_ROLE_CREATE GUILD_ROLE_UPDATE GUILD_ROLE_DELETE
    CHANNEL_CREATE CHANNEL_UPDATE CHANNEL_DELETE CHANNEL_PINS_UPDATE THREAD_CREATE THREAD_UPDATE THREAD_DELETE
    THREAD_LIST_SYNC THREAD_MEMBER_UPDATE STAGE_INSTANCE_CREATE STAGE_INSTANCE_UPDATE STAGE_INSTANCE_DELETE
    VOICE_CHANNEL_STATUS_UPDATE VOICE_CHANNEL_START_TIME_UPDATE`,
  GuildMembers: 'GUILD_MEMBER_ADD GUILD_MEMBER_UPDATE GUILD_MEMBER_REMOVE THREAD_MEMBERS_UPDATE',
  GuildModeration: 'GUILD_AUDIT_LOG_ENTRY_CREATE GUILD_BAN_ADD GUILD_BAN_REMOVE',
  GuildExpressions: `GUILD_EMOJIS_UPDATE GUILD_STICKERS_UPDATE GUILD_SOUNDBOARD_SOUND_CREATE
    GUILD_SOUNDBOARD_SOUND_UPDATE GUILD_SOUNDBOARD_SOUND_DELETE GUILD_SOUNDBOARD_SOUNDS_UPDATE`,
  GuildIntegrations: 'GUILD_INTEGRATIONS_UPDATE INTEGRATION_CREATE INTEGRATION_UPDATE INTEGRATION_DELETE',
  GuildWebhooks: 'WEBHOOKS_UPDATE',
  GuildInvites: 'INVITE_CREATE INVITE_DELETE',
  GuildVoiceStates: 'VOICE_STATE_UPDATE VOICE_CHANNEL_EFFECT_SEND',
  GuildPresences: 'PRESENCE_UPDATE',
  GuildMessages: 'MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE MESSAGE_DELETE_BULK',
  GuildMessageReactions: `MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL
    MESSAGE_REACTION_REMOVE_EMOJI`,
  GuildMessageTyping: 'TYPING_START',
  GuildScheduledEvents: `GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_DELETE
    GUILD_SCHEDULED_EVENT_USER_ADD GUILD_SCHEDULED_EVENT_USER_REMOVE`,
  AutoModerationConfiguration: `AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_UPDATE
    AUTO_MODERATION_RULE_DELETE`,
  AutoModerationExecution: 'AUTO_MODERATION_ACTION_EXECUTION',
  GuildMessagePolls: 'MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE',
}

/** The same outside guilds. */
const directGates: Readonly<Record<string, string>> = {
  DirectMessages: 'MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE CHANNEL_PINS_UPDATE',
  DirectMessageReactions: `MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL
    MESSAGE_REACTION_REMOVE_EMOJI`,
  DirectMessageTyping: 'TYPING_START',
  DirectMessagePolls: 'MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE',
}

const ungated = `RATE_LIMITED APPLICATION_COMMAND_PERMISSIONS_UPDATE INTERACTION_CREATE USER_UPDATE
  ENTITLEMENT_CREATE ENTITLEMENT_UPDATE ENTITLEMENT_DELETE SUBSCRIPTION_CREATE SUBSCRIPTION_UPDATE
  SUBSCRIPTION_DELETE VOICE_SERVER_UPDATE GUILD_MEMBERS_CHUNK SOUNDBOARD_SOUNDS CHANNEL_INFO`.split(/\s+/)

function names(list: string): string[] {
  return list.split(/\s+/)
}

/** Which of the events a session with these intents gets. */
async function received(
  intents: number,
  events: readonly (readonly [type: string, data: object])[],
): Promise<string[]> {
  const { emulator } = await startEmulator({ world: { guilds: 0 } })
  await ready(emulator, { intents })
  return events.filter(([type, data]) => emulator.dispatch(type, data) === 1).map(([type]) => type)
}

const inGuild = dispatchNames.map((type) => [type, { id: '3', guild_id: '3', user: { id: '9' } }] as const)
const direct = Object.values(directGates).flatMap((list) => names(list).map((type) => [type, {}] as const))

test('every documented event is either behind an intent or ungated', () => {
  const gated = Object.values(gates).flatMap(names)
  expect(new Set(gated).size).toBe(gated.length)
  expect([...gated, ...ungated].toSorted()).toEqual(dispatchNames.toSorted())
})

test.each(Object.entries(gates))('E18: %s opens its events and no other', async (name, list) => {
  const intent = Intent[name as keyof typeof Intent]
  // GUILDS also lets a THREAD_MEMBERS_UPDATE through that is about the bot, which this one is not.
  expect((await received(intent, inGuild)).toSorted()).toEqual([...names(list), ...ungated].toSorted())
  const others = dispatchNames.filter((type) => !names(list).includes(type))
  expect((await received(everyIntent & ~intent, inGuild)).toSorted()).toEqual(others.toSorted())
})

test.each(Object.entries(directGates))('E18: %s opens its events outside guilds', async (name, list) => {
  const intent = Intent[name as keyof typeof Intent]
  expect(await received(intent, direct)).toEqual(names(list))
  const others = direct.map(([type]) => type).filter((type) => !names(list).includes(type))
  expect(await received(everyIntent & ~intent, direct)).toEqual(others)
})

test('E18: intents of guilds open nothing outside them', async () => {
  const guildOnly = Object.keys(gates).reduce((sum, name) => sum | Intent[name as keyof typeof Intent], 0)
  expect(await received(guildOnly, direct)).toEqual([])
})
