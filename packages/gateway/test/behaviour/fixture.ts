import { allIntents, Emulator, type EmulatorOptions } from 'twilight-emulator'
import { expect, onTestFinished, test } from 'vitest'

import {
  Cluster,
  Shard,
  unlimitedIdentifyQueue,
  type ClusterOptions,
  type CommonOptions,
  type GatewayEvent,
  type ShardOptions,
} from '../../src/index.ts'

/** An emulator in real time, with a small world and short waits; stopped after the test. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await Emulator.start({
    guildBackfillMs: 0,
    identifyWindowMs: 0,
    reconnectDelayMs: [20, 40],
    invalidSessionDelayMs: [20, 40],
    world: { guilds: 3, membersPerGuild: 8, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 },
    ...options,
  })
  onTestFinished(async () => emulator.stop())
  return emulator
}

/** What shards and clusters of these tests have in common: no chance, and short waits. */
export function commonOptions(emulator: Emulator) {
  return {
    token: emulator.token,
    intents: allIntents,
    gatewayUrl: emulator.url,
    identifyQueue: unlimitedIdentifyQueue,
    backoff: { baseMs: 20, resumeCapMs: 60, identifyCapMs: 60 },
    random: () => 0.5,
  } as const
}

/** Whether these tests run with the shards in worker threads. */
export const isThreaded = process.env['TWILIGHT_TEST_THREADS'] === '1'

/**
 * A test of what cannot be in threads, for the reason given. The run of its file with the shards in this thread has it;
 * in the other one it does not exist, rather than being skipped.
 */
export function testHere(_reason: string, name: string, run: () => Promise<void>, timeoutMs?: number): void {
  if (!isThreaded) test(name, run, timeoutMs)
}

/** The same behaviour is expected of shards in this thread and of shards in others, which draw their own jitter. */
export function placed<Options extends CommonOptions>(options: Options): Options {
  if (!isThreaded) return options
  const { random: _jitter, ...rest } = options
  return { threads: 1, ...rest } as Options
}

/** A shard of an emulator, not started yet; stopped after the test. */
export function makeShard(emulator: Emulator, options: Partial<ShardOptions> = {}): Shard {
  const shard = new Shard(placed({ ...commonOptions(emulator), ...options }))
  onTestFinished(async () => shard.down())
  return shard
}

/** A cluster of an emulator, not up yet; stopped after the test. */
export async function makeCluster(
  emulator: Emulator,
  options: Partial<ClusterOptions> = {},
): Promise<Cluster> {
  const cluster = await Cluster.create(
    placed({ ...commonOptions(emulator), apiUrl: emulator.apiUrl, ...options }),
  )
  onTestFinished(async () => cluster.down())
  return cluster
}

/** Reads a stream as a user does and keeps what it got. */
export class Reader {
  readonly events: GatewayEvent[] = []
  /** Resolves when the stream is over: with what it threw, or `undefined`. */
  readonly ended: Promise<unknown>
  readonly #counts = new Map<string, number>()
  readonly #looking = new Set<() => void>()

  constructor(source: AsyncIterable<GatewayEvent>) {
    this.ended = this.#read(source)
  }

  /** The events of a type, in order. */
  of<Type extends GatewayEvent['type']>(type: Type): Extract<GatewayEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<GatewayEvent, { type: Type }> => event.type === type)
  }

  /** The events of a name that this version need not know, in order. */
  named(name: string): GatewayEvent[] {
    return this.events.filter(({ type }: { readonly type: string }) => type === name)
  }

  /** How many events of a type have come. */
  count(type: GatewayEvent['type']): number {
    return this.#counts.get(type) ?? 0
  }

  /** The contents of all messages, in order. */
  get contents(): string[] {
    return this.of('MESSAGE_CREATE').map((event) => event.data.content)
  }

  /** The sequences of a session's dispatches, in order. */
  sequences(sessionId: string): number[] {
    return this.events.filter((event) => event.sessionId === sessionId).map(({ sequence }) => sequence)
  }

  /** Resolves when the condition holds: asked now and after every event. */
  async until(condition: () => boolean, timeoutMs = 15_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      if (condition()) resolve()
    }
    const timer = setTimeout(() => {
      const seen = this.events.slice(-20).map(({ type, sequence }) => `${type} ${sequence}`)
      reject(new Error(`waited ${timeoutMs} ms in vain; last events: ${seen.join(', ')}`))
    }, timeoutMs)
    this.#looking.add(look)
    look()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#looking.delete(look)
    }
  }

  /** Resolves when so many events of the type have come. */
  async has(type: GatewayEvent['type'], count = 1): Promise<void> {
    await this.until(() => this.count(type) >= count)
  }

  async #read(source: AsyncIterable<GatewayEvent>): Promise<unknown> {
    try {
      for await (const event of source) {
        this.events.push(event)
        this.#counts.set(event.type, this.count(event.type) + 1)
        for (const look of this.#looking) look()
      }
    } catch (error) {
      return error
    }
    return undefined
  }
}

/** A live shard that is being read. */
export async function liveShard(
  emulator: Emulator,
  options: Partial<ShardOptions> = {},
): Promise<{ readonly shard: Shard; readonly reader: Reader }> {
  const shard = makeShard(emulator, options)
  const reader = new Reader(shard)
  await shard.start()
  return { shard, reader }
}

/** Dispatches direct messages to shard 0; every session of it gets them, now or at its resume. */
export function say(emulator: Emulator, ...contents: string[]): void {
  const { world } = emulator
  for (const content of contents) {
    emulator.dispatch('MESSAGE_CREATE', world.message(world.dmChannelId, { content }))
  }
}

/** Waits until every dispatch of every session has come, and checks that each came once and in order. */
export async function expectAllOnce(emulator: Emulator, ...readers: Reader[]): Promise<void> {
  const [last] = readers
  if (last === undefined) throw new Error('nobody reads')
  const sequences = (sessionId: string): number[] => readers.flatMap((one) => one.sequences(sessionId))
  for (const { sessionId } of emulator.report().sessions) {
    const lastSequence = (): number =>
      emulator.report().sessions.find((session) => session.sessionId === sessionId)?.lastSequence ?? 0
    await last.until(() => Math.max(0, ...sequences(sessionId)) >= lastSequence())
    const received = sequences(sessionId)
    expect(received).toEqual(received.map((_, index) => index + 1))
    expect(received.length).toBeGreaterThanOrEqual(1)
  }
  expect(emulator.report().sessions.length).toBeGreaterThan(0)
}
