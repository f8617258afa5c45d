import { describe, expect, test } from 'vitest'
import { snowflakeTime } from '../../src/traffic/snowflake.ts'
import { World } from '../../src/traffic/world.ts'
import { field } from './inconsistency.ts'

const world = new World()
const [firstId = '', secondId = ''] = world.guildIds

test('the same options give the same world, whatever is asked first', () => {
  const again = new World()
  for (const id of again.guildIds.toReversed()) expect(again.guildCreate(id)).toEqual(world.guildCreate(id))
  expect(again.user).toEqual(world.user)
  expect(new World({ seed: 2 }).guildIds).not.toEqual(world.guildIds)
  expect(new World({ seed: 2 }).user.id).not.toBe(world.user.id)
})

test('guildCreate gives a new object each time', () => {
  const one = world.guildCreate(firstId)
  one.members.pop()
  one.channels.pop()
  expect(world.guildCreate(firstId)).not.toEqual(one)
})

test('counts that are given hold exactly', () => {
  const options = { guilds: 3, channelsPerGuild: 7, membersPerGuild: 5, rolesPerGuild: 4, emojisPerGuild: 2 }
  const small = new World(options)
  expect(small.guildIds).toHaveLength(3)
  for (const id of small.guildIds) {
    const { channels, members, roles, emojis, member_count: count } = small.guildCreate(id)
    expect([channels.length, members.length, roles.length, emojis.length, count]).toEqual([7, 5, 4, 2, 5])
  }
})

test.each([1, 2, 4])('a guild of %i channels and one member is whole', (channelsPerGuild) => {
  const tiny = new World({
    guilds: 1,
    channelsPerGuild,
    membersPerGuild: 1,
    rolesPerGuild: 1,
    emojisPerGuild: 0,
  })
  const [id = ''] = tiny.guildIds
  const guild = tiny.guildCreate(id)
  expect(guild.channels[0]?.type).toBe(0)
  expect(guild.members.map(({ user }) => user.id)).toEqual([tiny.user.id])
  expect(guild.owner_id).toBe(tiny.user.id)
})

test('a world may be without guilds', () => {
  const empty = new World({ guilds: 0 })
  expect(empty.guildIds).toEqual([])
  expect(empty.hasChannel(empty.dmChannelId)).toBe(true)
})

test('ids are unique over all kinds of things', () => {
  const ids: string[] = []
  for (const id of world.guildIds) {
    const guild = world.guildCreate(id)
    ids.push(id)
    for (const list of [guild.channels, guild.threads, guild.roles.slice(1), guild.emojis]) {
      ids.push(...list.map((each) => String(each.id)))
    }
    ids.push(...guild.guild_scheduled_events.map((each) => each.id))
    ids.push(...guild.soundboard_sounds.map((sound) => sound.sound_id))
    const members = guild.members.map(({ user }) => user.id)
    expect(new Set(members).size).toBe(members.length)
    expect(new Set(members)).not.toContain(id)
  }
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) {
    expect(snowflakeTime(id)).toBeGreaterThan(Date.UTC(2015, 0))
    expect(snowflakeTime(id)).toBeLessThan(Date.UTC(2026, 0))
  }
})

test('what a guild refers to is in the guild', () => {
  for (const id of world.guildIds) {
    const guild = world.guildCreate(id)
    const channels = new Map(guild.channels.map((channel) => [channel.id, channel]))
    const members = new Set(guild.members.map(({ user }) => user.id))
    const roles = new Set(guild.roles.map((role) => role.id))
    expect(roles).toContain(id)
    expect(members).toContain(guild.owner_id)
    for (const member of guild.members) for (const role of member.roles) expect(roles).toContain(role)
    for (const channel of guild.channels) {
      const parent = field(channel, 'parent_id')
      expect([null, 4]).toContain(parent === null ? null : channels.get(parent as string)?.type)
      for (const { id: overwritten } of channel.permission_overwrites ?? []) {
        expect(roles).toContain(overwritten)
      }
    }
    for (const thread of guild.threads) expect(channels.get(thread.parent_id ?? '')?.type).toBe(0)
    for (const state of guild.voice_states) {
      expect(channels.get(state.channel_id ?? '')?.type).toBe(2)
      expect(members).toContain(state.user_id)
    }
    for (const presence of guild.presences) expect(members).toContain(presence.user.id)
    for (const stage of guild.stage_instances) expect(channels.get(stage.channel_id)?.type).toBe(13)
    expect(channels.has(guild.system_channel_id ?? '')).toBe(true)
  }
})

test('a GUILD_CREATE has the documented keys and the undocumented ones of the wire', () => {
  const keys =
    'id name roles emojis stickers features joined_at large member_count voice_states members channels threads ' +
    'presences stage_instances guild_scheduled_events soundboard_sounds lazy version guild_hashes ' +
    'application_command_counts embedded_activities'
  expect(Object.keys(world.guildCreate(firstId))).toEqual(expect.arrayContaining(keys.split(' ')))
  expect(world.guildCreate(firstId)).not.toHaveProperty('unavailable')
})

describe('look-ups', () => {
  test('find the guild of every channel and thread, and of nothing else', () => {
    for (const id of world.guildIds) {
      const { channels, threads } = world.guildCreate(id)
      for (const channel of [...channels, ...threads]) expect(world.guildOfChannel(channel.id)).toBe(id)
      expect(world.guildOfChannel(String(BigInt(channels[0]?.id ?? 0) + 1n))).toBeUndefined()
      expect(world.guildOfChannel(id)).toBeUndefined()
    }
    for (const id of ['', '1', 'x', '99999999999999999999', world.user.id, world.dmChannelId]) {
      expect(world.guildOfChannel(id)).toBeUndefined()
    }
    expect(world.hasChannel(world.dmChannelId)).toBe(true)
    expect(world.hasChannel(firstId)).toBe(false)
    expect(world.hasGuild(firstId)).toBe(true)
    expect(world.hasGuild('1')).toBe(false)
  })

  test('of parts agree with guildCreate', () => {
    const guild = world.guildCreate(secondId)
    expect(world.members(secondId)).toEqual(guild.members)
    expect(world.presences(secondId)).toEqual(guild.presences)
    expect(world.soundboardSounds(secondId)).toEqual(guild.soundboard_sounds)
    expect(world.channels(secondId)).toEqual(guild.channels)
  })

  test('throw for unknown guilds and channels', () => {
    expect(() => world.guildCreate('1')).toThrow('no guild 1 in this world')
    expect(() => world.members('1')).toThrow(RangeError)
    expect(() => world.message('1', { content: '' })).toThrow('no channel 1 in this world')
  })
})

test('hidden channels are a few of each guild, and nobody is heard in them', () => {
  const wide = new World({ guilds: 4, channelsPerGuild: 30 })
  expect(wide.hiddenChannelIds.size).toBe(16)
  for (const id of wide.guildIds) {
    const guild = wide.guildCreate(id)
    for (const state of guild.voice_states) expect(wide.hiddenChannelIds).not.toContain(state.channel_id)
    for (const channel of wide.channelInfo(id)) expect(wide.hiddenChannelIds).not.toContain(channel.id)
    for (const thread of guild.threads) expect(wide.hiddenChannelIds).not.toContain(thread.parent_id)
    const hidden = guild.channels.filter((channel) => wide.hiddenChannelIds.has(channel.id))
    for (const channel of hidden) {
      const [overwrite] = channel.permission_overwrites ?? []
      expect(overwrite).toMatchObject({ id, deny: '1024' })
    }
  }
})

test('channel info lists the voice channels', () => {
  const types = new Map<string, number>(world.channels(firstId).map(({ id, type }) => [id, type]))
  const listed = world.channelInfo(firstId).map((channel) => channel.id)
  for (const id of listed) expect(types.get(id)).toBe(2)
  expect(listed.length).toBeGreaterThan(0)
})

describe('a message', () => {
  const channelId = world.channels(firstId)[0]?.id ?? ''

  test('in a guild has its guild, its author’s membership and the given content', () => {
    const message = world.message(channelId, { content: 'héllo "t":"x"', nonce: 'n1' })
    expect(message).toMatchObject({
      channel_id: channelId,
      guild_id: firstId,
      content: 'héllo "t":"x"',
      nonce: 'n1',
    })
    expect(world.members(firstId).map(({ user }) => user.id)).toContain(message.author.id)
    expect(message.member).not.toHaveProperty('user')
    expect(message.channel_type).toBe(0)
  })

  test('by the bot has the bot’s membership, by a stranger none', () => {
    const { joined_at: joined } = world.members(firstId)[0] ?? {}
    expect(world.message(channelId, { content: '', author: world.user }).member?.joined_at).toBe(joined)
    const stranger = { id: '1', username: 'x', discriminator: '0', global_name: null, avatar: null }
    expect(world.message(channelId, { content: '', author: stranger }).member).toBeUndefined()
  })

  test('in the direct channel has no guild and no member', () => {
    const message = world.message(world.dmChannelId, { content: 'hi' })
    expect(message.channel_type).toBe(1)
    expect(message).not.toHaveProperty('guild_id')
    expect(message).not.toHaveProperty('member')
  })

  test('is later than the one before', () => {
    const one = world.message(channelId, { content: '' })
    const other = world.message(channelId, { content: '' })
    expect(BigInt(other.id)).toBeGreaterThan(BigInt(one.id))
    expect(other.timestamp > one.timestamp).toBe(true)
  })
})

describe('a world of 2,500 guilds', () => {
  const large = new World({ guilds: 2500 })

  test.each([2, 4, 16])('spreads evenly over %i shards', (shards) => {
    const counts = Array.from({ length: shards }, () => 0)
    for (const id of large.guildIds) {
      const shard = Number((BigInt(id) >> 22n) % BigInt(shards))
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count / (2500 / shards) - 1)).toBeLessThan(0.25)
  })

  test('has GUILD_CREATEs of about 20 kB with a tail of several hundred', () => {
    expect(new Set(large.guildIds).size).toBe(2500)
    const sizes = large.guildIds
      .map((id) => Buffer.byteLength(JSON.stringify(large.guildCreate(id))))
      .toSorted((one, other) => one - other)
    expect(sizes[1250]).toBeGreaterThan(16_000)
    expect(sizes[1250]).toBeLessThan(26_000)
    expect(sizes[2475]).toBeGreaterThan(100_000)
    expect(sizes.at(-1)).toBeGreaterThan(250_000)
    expect(sizes.at(-1)).toBeLessThan(700_000)
  })
})

test('a thousand members are about half a megabyte', () => {
  const crowded = new World({ guilds: 1, membersPerGuild: 1000 })
  const bytes = Buffer.byteLength(JSON.stringify(crowded.members(crowded.guildIds[0] ?? '')))
  expect(bytes).toBeGreaterThan(450_000)
  expect(bytes).toBeLessThan(600_000)
})
