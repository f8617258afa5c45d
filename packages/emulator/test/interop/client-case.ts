import { ChannelType } from 'discord-api-types/v10'

import { Emulator } from '../../src/index.ts'
import type { ConnectionRecord, EmulatorOptions, ViolationRule } from '../../src/index.ts'

/** Ends a client for good. */
export type LogOut = () => unknown

/** Logs a client in; resolves when the client itself says that it is ready. `heard` takes the content of each message. */
export type LogIn = (emulator: Emulator, heard: (content: string) => void) => Promise<LogOut>

/** What a client received, and what the emulator saw of it. */
export interface Outcome {
  /** Messages in the order in which the client handed them over. */
  readonly heard: readonly string[]
  /** Rules that it broke. */
  readonly violations: readonly ViolationRule[]
  readonly identifies: readonly string[]
  readonly resumes: readonly string[]
  /** Through which URL each of its sockets came. */
  readonly listeners: readonly ConnectionRecord['listener'][]
  /** The code with which it left in the end. */
  readonly leftWith: number | null
}

/** What {@link surviveFaults} gives for a client that loses nothing and breaks no rule. */
export const faultless: Omit<Outcome, 'leftWith'> = {
  heard: ['before', 'during op 7', 'after op 7', 'during drop', 'after drop'],
  violations: [],
  identifies: ['ready'],
  resumes: ['resumed', 'resumed'],
  listeners: ['bootstrap', 'resume', 'resume'],
}

/** For tests whose client waits out identify windows, on a machine with little to spare. */
export const patience = { timeout: 60_000 }

const common: EmulatorOptions = {
  guildBackfillMs: 0,
  reconnectDelayMs: [50, 100],
  // Discord's five seconds, less what a busy machine may delay the first of two identifies by.
  identifyWindowMs: 4500,
  // Longer than the window: whoever identifies too soon is punished once, and the next one fits.
  invalidSessionDelayMs: [5000, 5000],
  world: { guilds: 3, membersPerGuild: 8, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 },
}

/** A client logs in, is told to reconnect, loses its connection; it is spoken to before, during and after each. */
export async function surviveFaults(logIn: LogIn, options: EmulatorOptions = {}): Promise<Outcome> {
  // A beat comes within the test, and the interval is still far above what a busy machine delays it by.
  await using emulator = await Emulator.start({ ...common, heartbeatIntervalMs: 4000, ...options })
  const inbox = new Inbox()
  const logOut = await logIn(emulator, inbox.heard)
  await speak(emulator, inbox, 'before')
  await resumeAfter(emulator, inbox, 'op 7', () => emulator.all.reconnect())
  await resumeAfter(emulator, inbox, 'drop', () => emulator.all.drop())
  const { frameCount } = emulator.report()
  await emulator.until(() =>
    emulator
      .report()
      .frames.slice(frameCount)
      .some(({ op }) => op === 1),
  )
  return await leave(emulator, inbox, logOut)
}

/** A client logs in, is told that its session is gone, and is spoken to before and after. */
export async function surviveInvalidSession(logIn: LogIn, options: EmulatorOptions = {}): Promise<Outcome> {
  await using emulator = await Emulator.start({ ...common, ...options })
  const inbox = new Inbox()
  const logOut = await logIn(emulator, inbox.heard)
  await speak(emulator, inbox, 'before')
  const back = emulator.waitFor('identify', ({ outcome }) => outcome === 'ready', { timeoutMs: 30_000 })
  emulator.all.invalidateSession(false)
  await back
  await speak(emulator, inbox, 'after')
  return await leave(emulator, inbox, logOut)
}

async function leave(emulator: Emulator, inbox: Inbox, logOut: LogOut): Promise<Outcome> {
  await logOut()
  await emulator.until(() => emulator.all.connectionCount === 0)
  const { connections, identifies, resumes, violations } = emulator.report()
  return {
    heard: inbox.contents,
    violations: violations.map(({ rule }) => rule),
    identifies: identifies.map(({ outcome }) => outcome),
    resumes: resumes.map(({ outcome }) => outcome),
    listeners: connections.map(({ listener }) => listener),
    leftWith: connections.at(-1)?.closedBy === 'client' ? (connections.at(-1)?.closeCode ?? null) : null,
  }
}

/** Speaks right after the fault, so that the resume has to bring it, and again when the client is back. */
async function resumeAfter(emulator: Emulator, inbox: Inbox, name: string, fault: () => void): Promise<void> {
  const resumed = emulator.waitFor('resume')
  fault()
  dispatchMessage(emulator, `during ${name}`)
  await resumed
  await inbox.has(`during ${name}`)
  await speak(emulator, inbox, `after ${name}`)
}

/** Speaks to a client that has a session. */
async function speak(emulator: Emulator, inbox: Inbox, content: string): Promise<void> {
  dispatchMessage(emulator, content)
  await inbox.has(content)
}

function dispatchMessage(emulator: Emulator, content: string): void {
  const { world } = emulator
  const channel = world
    .channels(world.guildIds[0] ?? '')
    .find(({ id, type }) => type === ChannelType.GuildText && !world.hiddenChannelIds.has(id))
  const sessions = emulator.dispatch('MESSAGE_CREATE', world.message(channel?.id ?? '', { content }))
  if (sessions !== 1) throw new Error(`"${content}" reached ${sessions} sessions`)
}

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
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.set(content, resolve)
    const timer = setTimeout(
      () => reject(new Error(`the client did not hear "${content}", only: ${this.contents.join(', ')}`)),
      10_000,
    )
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }
}
