import { channelSamples } from './sample/channel-samples.ts'
import { guildSamples } from './sample/guild-samples.ts'
import { integrationSamples } from './sample/integration-samples.ts'
import { memberSamples } from './sample/member-samples.ts'
import { messageSamples } from './sample/message-samples.ts'
import { moderationSamples } from './sample/moderation-samples.ts'
import { monetizationSamples } from './sample/monetization-samples.ts'
import type { PostSample, SceneSample } from './sample/sample.ts'
import { scheduleSamples } from './sample/schedule-samples.ts'
import { voiceSamples } from './sample/voice-samples.ts'
import { postOf } from './post.ts'
import { Scene } from './scene.ts'
import type { SceneOptions } from './scene.ts'

/** One event. */
export interface TrafficEvent {
  /** The event's name, `t`. */
  readonly type: string
  /** The event's data, `d`: plain JSON. */
  readonly data: unknown
  /** The guild whose shard gets it; `null` is shard 0. */
  readonly guildId: string | null
}

/** Where an event of a type happens. */
export interface EventOptions extends SceneOptions {
  /** Number of the MESSAGE_CREATE that an event about a message is about. Default: the event's own number. */
  readonly subject?: number
}

const ofGuilds: ReadonlyMap<string, SceneSample> = new Map(
  Object.entries({
    ...guildSamples,
    ...channelSamples,
    ...memberSamples,
    ...voiceSamples,
    ...scheduleSamples,
    ...moderationSamples,
    ...integrationSamples,
  }),
)
const ofMessages: ReadonlyMap<string, PostSample> = new Map(Object.entries(messageSamples))
const ofApplication: ReadonlyMap<string, SceneSample> = new Map(Object.entries(monetizationSamples))

/**
 * The names of all events that can be made: the 79 of Discord docs, *Gateway Events*, without READY and RESUMED.
 * GUILD_DELETE comes right before GUILD_CREATE.
 */
export const sampledTypes: readonly string[] = [
  ...ofGuilds.keys(),
  ...ofMessages.keys(),
  ...ofApplication.keys(),
]

/** Makes an event. @throws RangeError for an unknown type, or when the world has no guilds. */
export function makeEvent(type: string, { subject, ...options }: EventOptions): TrafficEvent {
  const ofMessage = ofMessages.get(type)
  if (ofMessage !== undefined) {
    const scene = new Scene(options)
    const isNew = subject === undefined || subject === options.number
    const post = postOf(isNew ? scene : new Scene({ ...options, guild: undefined, number: subject }))
    return { type, data: ofMessage(scene, post), guildId: post.guild?.id ?? null }
  }
  const ofGuild = ofGuilds.get(type)
  if (ofGuild !== undefined) {
    const scene = new Scene(options)
    return { type, data: ofGuild(scene), guildId: scene.guild.id }
  }
  const make = ofApplication.get(type)
  if (make === undefined) throw new RangeError(`no sample of an event ${type}`)
  return { type, data: make(new Scene(options)), guildId: null }
}
