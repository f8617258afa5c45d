import { describe, expect, test } from 'vitest'
import type { Emulator } from 'twilight-emulator'

import { ConfigError, type GatewayCommand, type PresenceUpdate } from '../../src/index.ts'
import { expectAllOnce, liveShard, makeShard, Reader, startEmulator } from './fixture.ts'

const presence = (state: string): PresenceUpdate => ({
  since: null,
  activities: [{ name: 'custom', type: 4, state }],
  status: 'online',
  afk: false,
})

const sounds = (...guildIds: string[]): GatewayCommand => ({ op: 31, d: { guild_ids: guildIds } })

/** A command of so many bytes. */
const textOf = (bytes: number): string => '{"op":31,"d":{"guild_ids":[]}}'.padEnd(bytes)

/** The opcodes that a connection got, heartbeats left out. */
function opcodes(emulator: Emulator, connection: number): (number | null)[] {
  const { connections, frames } = emulator.report()
  const id = connections[connection]?.id
  return frames.filter((frame) => frame.connection === id && frame.op !== 1).map(({ op }) => op)
}

describe('a command', () => {
  test('that is given before the start leaves after READY, and is answered', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    const reader = new Reader(shard)
    const [guildId = ''] = emulator.world.guildIds
    const sent = shard.command(sounds(guildId))
    await shard.start()
    await sent
    await reader.has('SOUNDBOARD_SOUNDS')
    expect(reader.of('SOUNDBOARD_SOUNDS')[0]?.data.guild_id).toBe(guildId)
    expect(opcodes(emulator, 0)).toEqual([2, 31])
    expect(emulator.report().violations).toEqual([])
  })

  test('that is given while there is no connection leaves after RESUMED', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    emulator.outage(true)
    emulator.all.drop()
    await reader.has('SHARD_RECONNECTING', 2)
    const sent = Promise.all(emulator.world.guildIds.map((id) => shard.command(sounds(id))))
    expect(shard.info().commands.queued).toBe(3)
    emulator.outage(false)
    await sent
    await reader.has('SOUNDBOARD_SOUNDS', 3)
    expect(reader.of('SOUNDBOARD_SOUNDS').map(({ data }) => data.guild_id)).toEqual(emulator.world.guildIds)
    expect(opcodes(emulator, 1)).toEqual([6, 31, 31, 31])
    await expectAllOnce(emulator, reader)
    expect(emulator.report().violations).toEqual([])
  })

  test('survives the end of its session', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator, { random: () => 0 })
    emulator.all.invalidateSession(false)
    await reader.has('SHARD_RECONNECTING')
    const arrived = emulator.waitFor('frame', ({ op }) => op === 31)
    await shard.send('{"op":31,"d":{"guild_ids":[]}}')
    await arrived
    expect(opcodes(emulator, 1)).toEqual([2, 31])
  })

  test('may have an opcode that nobody knows yet, given as text', async () => {
    const emulator = await startEmulator()
    const { shard } = await liveShard(emulator)
    const frame = emulator.waitFor('frame', ({ op }) => op === 99)
    await shard.send('{ "op": 99, "d": { "new": true } }')
    expect((await frame).data).toEqual({ new: true })
  })
})

describe('a command is refused at the call', () => {
  test.for([1, 2, 6])('op %i, which the shard sends by itself', async (op) => {
    const shard = makeShard(await startEmulator())
    expect(() => shard.send(JSON.stringify({ op, d: null }))).toThrow(
      expect.objectContaining({ name: 'CommandError', code: 'COMMAND_INVALID', context: { op } }),
    )
  })

  test.for(['', '{', '[]', '7', 'null', '{}', '{"op":"4"}', '{"op":1.5}'])('text %j', async (text) => {
    const shard = makeShard(await startEmulator())
    expect(() => shard.send(text)).toThrow(expect.objectContaining({ code: 'COMMAND_INVALID' }))
  })

  test('above 4096 bytes, counted as bytes; one of exactly 4096 is sent', async () => {
    const emulator = await startEmulator()
    const { shard } = await liveShard(emulator)
    expect(() => shard.send(textOf(4_097))).toThrow(
      expect.objectContaining({
        code: 'COMMAND_TOO_LARGE',
        context: expect.objectContaining({ op: 31 }) as unknown,
      }),
    )
    expect(() => shard.send(`{"op":31,"d":"${'é'.repeat(2_050)}"}`)).toThrow('bytes')
    const frame = emulator.waitFor('frame', ({ bytes }) => bytes === 4_096)
    await shard.send(textOf(4_096))
    await frame
    expect(emulator.report().violations).toEqual([])
  })

  test('when too many wait', async () => {
    const shard = makeShard(await startEmulator(), { commandQueueLimit: 2 })
    const waiting = [shard.command(sounds()), shard.command(sounds())]
    expect(() => shard.command(sounds())).toThrow(
      expect.objectContaining({ code: 'COMMAND_QUEUE_FULL', context: { limit: 2 } }),
    )
    await shard.down()
    for (const command of waiting) await expect(command).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
    await expect(shard.command(sounds())).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
  })

  test('a presence that would make IDENTIFY too large, as it is when the shard is made with it', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    const d = presence('x'.repeat(3_900))
    expect(() => shard.command({ op: 3, d })).toThrow(ConfigError)
    expect(shard.info().commands.queued).toBe(0)
    expect(() => makeShard(emulator, { presence: d })).toThrow(ConfigError)
  })

  test('but not because of presences: of several only the newest waits', async () => {
    const shard = makeShard(await startEmulator(), { commandQueueLimit: 2 })
    for (const state of ['one', 'two', 'three']) void shard.updatePresence(presence(state))
    expect(shard.info().commands.queued).toBe(1)
    void shard.command(sounds())
    expect(() => shard.command(sounds())).toThrow('2 commands already wait')
  })
})
