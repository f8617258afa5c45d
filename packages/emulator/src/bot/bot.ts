import { ChannelType } from 'discord-api-types/v10'

import type { Settings } from '../settings.ts'
import type { Random } from '../random.ts'
import type { SentDispatch } from '../session/replay-buffer.ts'
import type { Session } from '../session/session.ts'
import { World } from '../traffic/world.ts'
import type { WorldOptions } from '../traffic/world.ts'
import { IdentifyWindow } from './identify-window.ts'
import { Roster } from './roster.ts'
import { StartLimit } from './start-limit.ts'

/** What one bot is made of; {@link Bot} adds its sessions and budgets. */
export interface BotIdentity {
  readonly index: number
  readonly token: string | undefined
  readonly privilegedIntents: number
  readonly world: WorldOptions
}

/** Sees a dispatch when it gets its number, whether or not its session has a socket. */
export type DispatchTap = (session: Session, dispatch: SentDispatch) => void

/** An application's bot user: its token, its world, its budgets and its sessions. */
export class Bot {
  readonly index: number
  readonly token: string
  readonly world: World
  readonly privilegedIntents: number
  readonly identifyWindow: IdentifyWindow
  readonly startLimit: StartLimit
  /** Sessions that live, attached to a socket or not. */
  readonly sessions = new Roster()
  /** Who sees the dispatches of all its sessions. */
  readonly taps = new Set<DispatchTap>()
  /** Guilds in outage. */
  readonly unavailableGuilds = new Set<string>()
  /** Channels that the bot was granted after the start; see rule E42. */
  readonly #hiddenChannelIds: Set<string>
  /** When a full member list was last sent, by scope and guild. */
  readonly memberListTimes = new Map<string, number>()
  /** False once the token was reset (rule E15). */
  tokenValid = true

  constructor(identity: BotIdentity, settings: Settings, random: Random) {
    this.index = identity.index
    this.world = new World(identity.world)
    this.token = identity.token ?? generateToken(this.world.user.id, random)
    this.privilegedIntents = identity.privilegedIntents
    this.identifyWindow = new IdentifyWindow(settings.maxConcurrency, settings.identifyWindowMs)
    this.startLimit = new StartLimit(settings.sessionStartLimit, settings.clock)
    this.#hiddenChannelIds = new Set(this.world.hiddenChannelIds)
  }

  /** Channels that the bot cannot view now; a live set. */
  get hiddenChannelIds(): ReadonlySet<string> {
    return this.#hiddenChannelIds
  }

  /** Where people write to it: a text channel of its first guild that it can view, or else its direct channel. */
  get textChannelId(): string {
    const [guildId] = this.world.guildIds
    const channels = guildId === undefined ? [] : this.world.channels(guildId)
    const channel = channels.find(
      ({ id, type }) => type === ChannelType.GuildText && !this.#hiddenChannelIds.has(id),
    )
    return channel?.id ?? this.world.dmChannelId
  }

  /** Lets the bot view a channel, or takes that away. */
  setChannelHidden(channelId: string, hidden: boolean): void {
    if (hidden) this.#hiddenChannelIds.add(channelId)
    else this.#hiddenChannelIds.delete(channelId)
  }

  /** Whether a bare token is this bot's, and still valid. */
  owns(token: string): boolean {
    return this.tokenValid && token === this.token
  }
}

/** A token of Discord's shape (base64 user id, timestamp, signature) that says that it is none. */
function generateToken(userId: string, random: Random): string {
  return `${Buffer.from(userId).toString('base64url')}.EMULAT.not-a-real-token-${random.base64url(17)}`
}
