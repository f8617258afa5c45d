import { describe, expect, test } from 'vitest'
import { Traffic, sample, sampledTypes } from '../../src/traffic/traffic.ts'
import type { TrafficEvent, TrafficProfile } from '../../src/traffic/traffic.ts'
import { World } from '../../src/traffic/world.ts'
import { dispatchNames } from './dispatch-names.ts'
import { Inconsistency, field } from './inconsistency.ts'

const world = new World()

function take(profile: TrafficProfile, count: number, seed = 1): readonly TrafficEvent[] {
  const traffic = new Traffic(world, { profile, seed })
  return Array.from({ length: count }, () => traffic.next())
}

function shares(events: readonly TrafficEvent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 100 / events.length)
  return counts
}

function medianBytes(events: readonly TrafficEvent[], type: string): number {
  const sizes = events
    .filter((event) => event.type === type)
    .map(({ data }) => Buffer.byteLength(JSON.stringify({ t: type, s: 12_345, op: 0, d: data })))
    .toSorted((one, other) => one - other)
  return sizes[sizes.length >> 1] ?? 0
}

function isBare({ data }: TrafficEvent): boolean {
  return JSON.stringify(field(data, 'activities')) === '[]'
}

test('there are 77 sampled types: all documented names but READY and RESUMED', () => {
  expect(sampledTypes.toSorted()).toEqual(dispatchNames.toSorted())
  expect(sampledTypes).toHaveLength(77)
})

test('a seed gives the same events; another seed, or another world, others', () => {
  expect(take('A', 500)).toEqual(take('A', 500))
  expect(take('A', 50, 2)).not.toEqual(take('A', 50))
  const traffic = new Traffic(new World({ seed: 2 }), { profile: 'A' })
  expect(Array.from({ length: 50 }, () => traffic.next())).not.toEqual(take('A', 50))
})

test('traffic needs guilds', () => {
  expect(() => new Traffic(new World({ guilds: 0 }), { profile: 'A' })).toThrow('needs a world with guilds')
})

describe('profile A', () => {
  const events = take('A', 40_000)
  const mix = shares(events)

  test.each([
    ['MESSAGE_CREATE', 40],
    ['TYPING_START', 20],
    ['MESSAGE_UPDATE', 15],
    ['VOICE_STATE_UPDATE', 7],
    ['GUILD_MEMBER_UPDATE', 5],
    ['MESSAGE_DELETE', 3],
  ])('%s has %i %%', (type, share) => {
    expect(Math.abs((mix.get(type) ?? 0) - share)).toBeLessThan(0.8)
  })

  test('reactions have 8 %, the rest 2 % with every other type but presences', () => {
    const reactions = (mix.get('MESSAGE_REACTION_ADD') ?? 0) + (mix.get('MESSAGE_REACTION_REMOVE') ?? 0)
    expect(Math.abs(reactions - 8)).toBeLessThan(0.8)
    expect(mix.size).toBe(76)
    expect(mix.has('PRESENCE_UPDATE')).toBe(false)
  })

  test.each([
    ['MESSAGE_CREATE', 1000],
    ['TYPING_START', 690],
    ['MESSAGE_REACTION_ADD', 810],
    ['VOICE_STATE_UPDATE', 860],
    ['GUILD_MEMBER_UPDATE', 610],
    ['MESSAGE_DELETE', 140],
  ])('the median %s has about %i bytes', (type, bytes) => {
    const median = medianBytes(events, type)
    expect(Math.abs(median / bytes - 1)).toBeLessThan(0.15)
  })

  test('edits, reactions and deletions are mostly about messages that were seen, and agree with them', () => {
    const about = new Set(['MESSAGE_UPDATE', 'MESSAGE_DELETE', 'MESSAGE_REACTION_ADD'])
    const written = new Map<unknown, unknown>()
    const later = new Map<TrafficEvent, unknown>()
    for (const event of events) {
      const id = field(event.data, 'message_id') ?? field(event.data, 'id')
      if (event.type === 'MESSAGE_CREATE') written.set(id, event.data)
      else if (about.has(event.type)) later.set(event, written.get(id))
    }
    const known = [...later].filter(([, message]) => message !== undefined)
    expect(known.length / later.size).toBeGreaterThan(0.99)
    for (const [{ data, guildId }, message] of known) {
      expect(field(data, 'channel_id')).toBe(field(message, 'channel_id'))
      expect(guildId ?? undefined).toBe(field(message, 'guild_id'))
      expect(field(data, 'author') ?? field(message, 'author')).toEqual(field(message, 'author'))
    }
  })

  test('some messages are direct: no guild, no member, shard 0', () => {
    const direct = events.filter(({ type, guildId }) => type === 'MESSAGE_CREATE' && guildId === null)
    expect(direct.length).toBeGreaterThan(100)
    for (const { data } of direct) {
      expect(field(data, 'channel_id')).toBe(world.dmChannelId)
      expect(field(data, 'guild_id')).toBeUndefined()
      expect(field(data, 'member')).toBeUndefined()
    }
  })

  test('contents have escapes, many scripts and look-alikes of the header', () => {
    const text = JSON.stringify(events.slice(0, 2000))
    for (const part of [
      '\\"t\\":\\"MESSAGE_CREATE\\"',
      '\\"op\\":0',
      '\\n',
      '\\\\',
      '今日',
      '👩‍👩‍👧‍👦',
      'é',
      '\u2028',
    ]) {
      expect(text).toContain(part)
    }
  })

  test('an outage comes before each return of a guild', () => {
    const turns = events.filter(({ type }) => type === 'GUILD_DELETE' || type === 'GUILD_CREATE')
    expect(turns.length).toBeGreaterThan(10)
    for (const [index, { type, guildId }] of turns.entries()) {
      expect(type).toBe(index % 2 === 0 ? 'GUILD_DELETE' : 'GUILD_CREATE')
      expect(guildId).toBe(world.guildIds[Math.floor(index / 2) % world.guildIds.length])
    }
  })
})

describe('profile B', () => {
  const events = take('B', 40_000)
  const mix = shares(events)

  test('has 93 % presences, 3 % messages and every other type', () => {
    expect(Math.abs((mix.get('PRESENCE_UPDATE') ?? 0) - 93)).toBeLessThan(0.8)
    expect(Math.abs((mix.get('MESSAGE_CREATE') ?? 0) - 3)).toBeLessThan(0.5)
    expect(mix.size).toBe(77)
  })

  test('presences have about 0.24 kB bare and 0.52 kB with an activity', () => {
    const presences = events.filter(({ type }) => type === 'PRESENCE_UPDATE')
    const bare = medianBytes(presences.filter(isBare), 'PRESENCE_UPDATE')
    const playing = presences.filter(({ data }) => JSON.stringify(data).includes('"type":0,"timestamps"'))
    expect(bare).toBeGreaterThan(150)
    expect(bare).toBeLessThan(260)
    expect(Math.abs(medianBytes(playing, 'PRESENCE_UPDATE') / 520 - 1)).toBeLessThan(0.15)
  })
})

test('profile C is the guilds in turn, each available', () => {
  const count = world.guildIds.length
  const events = take('C', count * 2)
  expect(events.map(({ guildId }) => guildId)).toEqual([...world.guildIds, ...world.guildIds])
  for (const { type, data, guildId } of events) {
    expect(type).toBe('GUILD_CREATE')
    expect(data).toEqual({ ...world.guildCreate(guildId ?? ''), unavailable: false })
  }
})

describe('samples', () => {
  const wide = new World({ guilds: 3, channelsPerGuild: 30, membersPerGuild: 20 })
  const inconsistency = new Inconsistency(wide)

  test.each(dispatchNames)('%s is plain JSON of its guild, always the same', (type) => {
    const event = sample(wide, type)
    expect(event.type).toBe(type)
    expect(JSON.parse(JSON.stringify(event.data))).toStrictEqual(event.data)
    expect(sample(wide, type)).toEqual(event)
    expect(inconsistency.of(event)).toEqual([])
  })

  test('of what belongs to the application have no guild', () => {
    const ofNoGuild = dispatchNames.filter((type) => sample(wide, type).guildId === null)
    const expected = dispatchNames.filter((type) => /^(?:ENTITLEMENT|SUBSCRIPTION|USER)_/.test(type))
    expect(ofNoGuild.toSorted()).toEqual(expected.toSorted())
  })

  test.each(['READY', 'RESUMED', 'NO_SUCH_EVENT', 'toString'])('of %s there are none', (type) => {
    expect(() => sample(wide, type)).toThrow(`no sample of an event ${type}`)
  })

  test('need guilds', () => {
    expect(() => sample(new World({ guilds: 0 }), 'MESSAGE_CREATE')).toThrow(RangeError)
  })
})

describe.each(['A', 'B'] as const)('profile %s agrees with', (profile) => {
  const tiny = { channelsPerGuild: 1, membersPerGuild: 1, rolesPerGuild: 1, emojisPerGuild: 0 }

  test.each([
    ['wide guilds', { guilds: 5, channelsPerGuild: 30 }],
    ['guilds of one', { guilds: 2, ...tiny }],
    ['varied guilds', { guilds: 40, seed: 9 }],
  ])('a world of %s', (_name, options) => {
    const each = new World(options)
    const inconsistency = new Inconsistency(each)
    const traffic = new Traffic(each, { profile })
    const faults = Array.from({ length: 8000 }, () => inconsistency.of(traffic.next())).flat()
    expect(faults).toEqual([])
  })
})
