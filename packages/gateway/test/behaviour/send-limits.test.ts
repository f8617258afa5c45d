import { expect, test } from 'vitest'
import { VirtualClock, type Emulator, type EmulatorOptions } from 'twilight-emulator'

import type { Shard } from '../../src/index.ts'
import { expectAllOnce, liveShard, say, startEmulator, type Reader } from './fixture.ts'

/** A shard and an emulator on one virtual clock, over a real socket. */
class SharedTime {
  readonly emulator: Emulator
  readonly shard: Shard
  readonly reader: Reader
  readonly #clock: VirtualClock
  /** Commands that the shard has written, and that the emulator has read. */
  written = 0
  #read = 0

  private constructor(clock: VirtualClock, emulator: Emulator, shard: Shard, reader: Reader) {
    this.#clock = clock
    this.emulator = emulator
    this.shard = shard
    this.reader = reader
    emulator.on('frame', ({ op }) => {
      if (op === 3 || op === 31) this.#read += 1
    })
  }

  static async start(options: EmulatorOptions = {}): Promise<SharedTime> {
    const clock = new VirtualClock()
    const emulator = await startEmulator({ clock, replayCap: 3_500, ...options })
    const { shard, reader } = await liveShard(emulator, { clock })
    return new SharedTime(clock, emulator, shard, reader)
  }

  /** Sends a command and counts it when it was written. */
  send(op: number, d: unknown): void {
    this.shard.send(JSON.stringify({ op, d })).then(
      () => (this.written += 1),
      () => undefined,
    )
  }

  /** Lets time pass second by second; in each, both sides read all that the other wrote before it goes on. */
  async pass(seconds: number, everySecond: (second: number) => void = () => undefined): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await this.#bothHaveRead()
      this.#clock.advance(1_000)
      everySecond(second)
    }
    await this.#bothHaveRead()
  }

  /** Lets the wait before a reconnect pass, and waits until the shard is live again. */
  async reconnect(): Promise<void> {
    const before = this.reader.count('SHARD_CONNECTED')
    await this.reader.has('SHARD_RECONNECTING', before)
    this.#clock.advance(1_000)
    await this.reader.has('SHARD_CONNECTED', before + 1)
  }

  async #bothHaveRead(): Promise<void> {
    await new Promise(setImmediate)
    await this.emulator.until(() => this.#read >= this.written)
    const count = this.reader.count('MESSAGE_CREATE')
    say(this.emulator, 'read up to here')
    await this.reader.has('MESSAGE_CREATE', count + 1)
  }
}

/** The data of all frames with an opcode, in the order in which they came. */
function dataOf(emulator: Emulator, op: number): unknown[] {
  return emulator
    .report()
    .frames.filter((frame) => frame.op === op)
    .map(({ data }) => data)
}

test('a flood of commands, heartbeats and requested heartbeats never exceeds 120 sends in 60 s', async () => {
  const time = await SharedTime.start()
  for (let index = 0; index < 400; index += 1) time.send(31, { guild_ids: [`${index}`] })
  await time.pass(1)
  expect(time.written).toBeLessThanOrEqual(115)
  expect(time.shard.info().commands.available).toBe(0)
  expect(time.shard.info().commands.refillMs).toBeGreaterThan(58_000)
  await time.pass(250, (second) => {
    if (second % 10 === 0) time.emulator.all.requestHeartbeat()
  })
  expect(time.written).toBe(400)
  expect(dataOf(time.emulator, 31)).toEqual(
    Array.from({ length: 400 }, (_, index) => ({ guild_ids: [`${index}`] })),
  )
  expect(dataOf(time.emulator, 1).length).toBeGreaterThan(250 / 41.25)
  expect(time.emulator.report()).toMatchObject({ violations: [], connections: { length: 1 } })
  await expectAllOnce(time.emulator, time.reader)
})

test('without rate limiting the same flood costs the connection: the emulator does count', async () => {
  const emulator = await startEmulator()
  const { shard, reader } = await liveShard(emulator, { rateLimit: false })
  for (let index = 0; index < 200; index += 1) void shard.send('{"op":31,"d":{"guild_ids":[]}}')
  await reader.has('SHARD_DISCONNECTED')
  expect(reader.of('SHARD_DISCONNECTED')[0]?.data).toMatchObject({ code: 4008, willResume: true })
  expect(emulator.report().violations[0]).toMatchObject({ rule: 'rate' })
})

test('a new connection has a budget of its own, and commands that wait use it', async () => {
  const time = await SharedTime.start()
  for (let index = 0; index < 200; index += 1) time.send(31, { guild_ids: [`${index}`] })
  await time.pass(2)
  expect(time.written).toBeLessThanOrEqual(115)
  time.emulator.all.drop()
  await time.reconnect()
  await time.pass(1)
  expect(time.written).toBe(200)
  expect(time.emulator.report().violations).toEqual([])
})

const presence = (state: number) => ({
  since: null,
  activities: [{ name: 'custom', type: 4, state: `${state}` }],
  status: 'online',
  afk: false,
})

test('of presence updates only the newest waits, five leave in 20 s, and others do not wait for them', async () => {
  const time = await SharedTime.start()
  const superseded: unknown[] = []
  for (let state = 0; state < 30; state += 1) {
    const sent = time.shard.send(JSON.stringify({ op: 3, d: presence(state) }))
    sent.catch((error: unknown) => superseded.push(error))
  }
  time.send(31, { guild_ids: [] })
  await time.pass(1)
  expect(dataOf(time.emulator, 3)).toEqual([0, 1, 2, 3, 4].map(presence))
  expect(dataOf(time.emulator, 31)).toHaveLength(1)
  expect(superseded).toHaveLength(24)
  expect(superseded[0]).toMatchObject({ code: 'COMMAND_SUPERSEDED' })
  await time.pass(25)
  expect(dataOf(time.emulator, 3)).toEqual([0, 1, 2, 3, 4, 29].map(presence))

  // One a second, for a minute: the emulator would tell of a sixth within 20 s.
  await time.pass(60, (second) => time.send(3, presence(100 + second)))
  expect(time.emulator.report().violations).toEqual([])

  // A session that begins anew has the newest from the start.
  time.emulator.all.close(4009)
  await time.reconnect()
  expect(dataOf(time.emulator, 2).at(-1)).toMatchObject({ presence: presence(159) })
})
