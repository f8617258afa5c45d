import { expect, onTestFinished } from 'vitest'

import { Emulator } from '../../src/index.ts'
import type { EmulatorOptions } from '../../src/index.ts'

/** Ends a client for good. */
export type StopClient = () => unknown

/** Logs a client in; resolves when the client itself says that it is ready. `heard` takes the content of each message. */
export type StartClient = (emulator: Emulator, heard: (content: string) => void) => Promise<StopClient>

/** What a client received, and a way to wait for more. */
class Inbox {
  readonly contents: string[] = []
  readonly #waiting = new Map<string, () => void>()

  readonly heard = (content: string): void => {
    this.contents.push(content)
    this.#waiting.get(content)?.()
  }

  /** Resolves when the content is there. */
  async has(content: string): Promise<void> {
    if (this.contents.includes(content)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(content, resolve)
    await promise
  }
}

/**
 * A client logs in, is told to reconnect, loses its connection, and hears what was said before, during and after
 * each, once, without breaking a rule.
 */
export async function surviveFaults(start: StartClient, options: EmulatorOptions = {}): Promise<void> {
  const emulator = await Emulator.start({
    guildBackfillMs: 0,
    reconnectDelayMs: [50, 100],
    world: { guilds: 3, membersPerGuild: 8, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 },
    ...options,
  })
  onTestFinished(async () => emulator.stop())
  const inbox = new Inbox()
  const stop = await start(emulator, inbox.heard)

  await say(emulator, inbox, 'before')
  await resumeAfter(emulator, inbox, 'op 7', () => emulator.all.reconnect())
  await resumeAfter(emulator, inbox, 'drop', () => emulator.all.drop())

  const heard = ['before', 'during op 7', 'after op 7', 'during drop', 'after drop']
  expect(inbox.contents).toEqual(heard)
  const { identifies, resumes, connections, sessions, violations } = emulator.report()
  expect(violations).toEqual([])
  expect(identifies.map(({ outcome }) => outcome)).toEqual(['ready'])
  expect(resumes.map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
  expect(connections.map(({ listener }) => listener)).toEqual(['bootstrap', 'resume', 'resume'])
  expect(sessions).toHaveLength(1)

  await stop()
  await emulator.until(() => emulator.all.connectionCount === 0)
  expect(inbox.contents).toEqual(heard)
  expect(emulator.report().connections.at(-1)?.closedBy).toBe('client')
}

/** Speaks while the client is connected. */
async function say(emulator: Emulator, inbox: Inbox, content: string): Promise<void> {
  dispatchMessage(emulator, content)
  await inbox.has(content)
}

/** Speaks right after the fault, so that the resume has to bring it, and again when the client is back. */
async function resumeAfter(emulator: Emulator, inbox: Inbox, name: string, fault: () => void): Promise<void> {
  const resumed = emulator.waitFor('resume')
  fault()
  dispatchMessage(emulator, `during ${name}`)
  await resumed
  await inbox.has(`during ${name}`)
  await say(emulator, inbox, `after ${name}`)
}

function dispatchMessage(emulator: Emulator, content: string): void {
  const { world } = emulator
  const guildId = world.guildIds[0] ?? ''
  const channel = world
    .channels(guildId)
    .find(({ id, type }) => type === 0 && !world.hiddenChannelIds.has(id))
  const sessions = emulator.dispatch('MESSAGE_CREATE', world.message(channel?.id ?? '', { content }))
  expect(sessions).toBe(1)
}
