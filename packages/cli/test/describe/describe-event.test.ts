import { sample, Traffic, World } from 'twilight-emulator'
import { ConnectError, DecodeError, type GatewayEvent } from 'twilight-gateway'
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { describeEvent } from '../../src/describe/describe-event.ts'
import { eventLine } from '../../src/describe/event-line.ts'
import { Names } from '../../src/describe/names.ts'
import { textWidth } from '../../src/terminal/text-width.ts'
import { dispatch, lifeOf } from '../support/events.ts'

beforeAll(() => {
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', '1')
})

const guild = {
  id: '1',
  name: 'Chess',
  member_count: 1,
  channels: [{ id: '2', name: 'openings' }],
  threads: [{ id: '3', name: 'sicilian' }],
  members: [{ user: { id: '4', username: 'ada', global_name: 'Ada' } }],
}

/** Names of somebody who has seen the guild. */
function namesOfGuild(): Names {
  const names = new Names()
  names.learn(dispatch('GUILD_CREATE', guild))
  return names
}

const say = (type: string, data: unknown): string => describeEvent(dispatch(type, data), namesOfGuild())
const place = { channel_id: '2', guild_id: '1' }
const message = { ...place, author: { id: '4', username: 'ada' }, content: '', attachments: [], embeds: [] }

test.each([
  ['GUILD_CREATE', guild, 'Chess: 1 member, 1 channel, 1 thread'],
  ['GUILD_CREATE', { id: '9', unavailable: true }, 'guild 9 is in an outage'],
  ['GUILD_DELETE', { id: '1', unavailable: true }, 'Chess is in an outage'],
  ['GUILD_DELETE', { id: '1' }, 'the bot left Chess'],
  ['READY', { user: { username: 'bot' }, guilds: [{}, {}] }, 'logged in as bot, 2 guilds to come'],
  ['MESSAGE_CREATE', { ...message, content: 'e4' }, 'ada in #openings of Chess: e4'],
  ['MESSAGE_CREATE', { ...message, channel_id: '3', content: 'c5' }, 'ada in #sicilian of Chess: c5'],
  ['MESSAGE_CREATE', { ...message, guild_id: undefined, content: 'hi' }, 'ada in a direct message: hi'],
  ['MESSAGE_CREATE', { ...message, attachments: [{}] }, 'ada in #openings of Chess: (1 attachment)'],
  ['MESSAGE_CREATE', message, 'ada in #openings of Chess: (no text)'],
  ['MESSAGE_UPDATE', { ...message, content: 'd4' }, 'ada edited in #openings of Chess: d4'],
  ['MESSAGE_DELETE', { id: '5', ...place }, 'a message was deleted in #openings of Chess'],
  [
    'MESSAGE_REACTION_ADD',
    { ...place, user_id: '4', emoji: { id: null, name: '♟' } },
    'Ada reacted with ♟ in #openings of Chess',
  ],
  [
    'MESSAGE_REACTION_REMOVE',
    { ...place, user_id: '8', emoji: { id: '7', name: 'pawn' } },
    'user 8 took back :pawn: in #openings of Chess',
  ],
  ['TYPING_START', { ...place, user_id: '4' }, 'Ada is typing in #openings of Chess'],
  ['GUILD_MEMBER_ADD', { guild_id: '1', user: { id: '6', username: 'bo' } }, 'bo joined Chess'],
  ['GUILD_BAN_ADD', { guild_id: '1', user: { id: '6', username: 'bo' } }, 'bo was banned from Chess'],
  [
    'VOICE_STATE_UPDATE',
    { ...place, user_id: '4', self_mute: true },
    'Ada is in voice in #openings of Chess, muted',
  ],
  [
    'VOICE_STATE_UPDATE',
    { ...place, channel_id: null, user_id: '4' },
    'Ada left the voice channels of Chess',
  ],
  [
    'PRESENCE_UPDATE',
    { user: { id: '4' }, guild_id: '1', status: 'idle', activities: [{ name: 'Go' }] },
    'Ada is idle, Go',
  ],
  [
    'INTERACTION_CREATE',
    {
      ...place,
      channel: { id: '2' },
      member: { user: { id: '4', username: 'ada' } },
      data: { name: 'move' },
    },
    'ada used /move in #openings of Chess',
  ],
  ['SOMETHING_NEW', place, '#openings of Chess'],
  ['SOMETHING_NEW', null, ''],
  ['constructor', { name: 'x' }, 'x'],
])('%s: %j', (type, data, text) => {
  expect(say(type, data)).toBe(text)
})

function said(event: GatewayEvent): string {
  return describeEvent(event, new Names())
}

/** How a lost connection is described. */
function lost(data: object): string {
  const broken = { cause: 'network', code: 1006, reason: '', willResume: true, error: undefined } as const
  return said(lifeOf('SHARD_DISCONNECTED', { ...broken, ...data }))
}

describe('the life of a shard', () => {
  test('a connection is lost, and why', () => {
    expect(lost({})).toBe('it broke without a close frame')
    expect(lost({ cause: 'close-code', code: 4000, reason: 'why not' })).toBe(
      'the gateway closed it (4000: why not)',
    )
    expect(lost({ cause: 'close-code', code: 1001 })).toBe('the gateway closed it (1001)')
    const error = new ConnectError('CONNECT_FAILED', 'cannot connect to nowhere')
    expect(lost({ cause: 'connect-failed', error })).toBe('cannot connect to nowhere')
  })

  test('it resumes, and what was replayed', () => {
    const connected = { sessionId: 'a', heartbeatIntervalMs: 1 }
    expect(said(lifeOf('SHARD_RECONNECTING', { attempt: 1, delayMs: 420, resume: true }))).toBe(
      'in 0.4 s to resume the session',
    )
    expect(said(lifeOf('SHARD_RESUMING', { sessionId: 'a', sequence: 41 }))).toBe(
      'asks for what came after event 41',
    )
    expect(said(lifeOf('SHARD_CONNECTED', { ...connected, resumed: true, replayed: 3 }))).toBe(
      'the session goes on, 3 events replayed',
    )
    expect(said(lifeOf('SHARD_CONNECTED', { ...connected, resumed: false, replayed: 0 }))).toBe(
      'the session is new',
    )
  })
})

describe('a line', () => {
  const now = new Date(2026, 0, 15, 9, 5, 3)
  const wide = { columns: Infinity, shardCount: 12, now }

  test('has time, shard, name and description in columns', () => {
    const event = dispatch('TYPING_START', { ...place, user_id: '4' }, { shardId: 3 })
    expect(eventLine(event, namesOfGuild(), wide)).toBe(
      '09:05:03 [ 3] TYPING_START            Ada is typing in #openings of Chess',
    )
  })

  test('says what a shard does in words', () => {
    const event = lifeOf('SHARD_RESUMING', { sessionId: 'a', sequence: 41 }, 11)
    expect(eventLine(event, new Names(), wide)).toMatch(/^09:05:03 \[11\] resuming {16}asks/)
  })

  test('shows what is wrong with data that cannot be described', () => {
    const broken = dispatch('MESSAGE_CREATE', {})
    Object.defineProperty(broken, 'data', {
      get: () => {
        throw new DecodeError('DECODE_DATA', 'the data is not valid JSON')
      },
    })
    expect(eventLine(broken, new Names(), wide)).toContain('(the data is not valid JSON)')
    expect(eventLine(dispatch('GUILD_CREATE', { id: '1' }), new Names(), wide)).toContain('(')
  })

  test('of any event that Discord documents fits a narrow terminal and holds no control character', () => {
    const world = new World({ guilds: 3 })
    const names = new Names()
    const traffic = new Traffic(world, { profile: 'B' })
    const types = new Set(Array.from({ length: 5_000 }, () => traffic.next().type))
    expect(types.size).toBeGreaterThan(70)
    for (const type of types) {
      const event = dispatch(type, sample(world, type).data)
      expect(describeEvent(event, names), type).toBeTypeOf('string')
      const line = eventLine(event, names, { columns: 50, shardCount: 4, now })
      expect(textWidth(line), type).toBeLessThanOrEqual(50)
      expect(line, type).not.toMatch(/\p{Cc}/u)
    }
  })
})

test('names are learnt from whatever goes by, and the oldest are forgotten', () => {
  const names = new Names()
  names.learn(dispatch('CHANNEL_CREATE', { id: '2', guild_id: '1', name: 'new' }))
  names.learn(dispatch('MESSAGE_CREATE', { author: { id: '4', username: 'ada', global_name: null } }))
  expect([names.channel('2'), names.user('4'), names.guild('1')]).toEqual(['#new', 'ada', 'guild 1'])
  for (let id = 0; id < 100_000; id += 1) {
    names.learn(dispatch('MESSAGE_CREATE', { author: { id: `u${id}`, username: 'x' } }))
  }
  expect(names.user('4')).toBe('user 4')
})
