import type { APIUser } from 'discord-api-types/v10'
import { ChannelKind, channelKind } from './channel-layout.ts'
import { EntityKind } from './entity-kind.ts'
import type { Guild } from './guild.ts'
import type { KeyedRandom } from './keyed-random.ts'
import type { Scene } from './scene.ts'

/** Share of messages in the bot's direct channel. */
const directShare = 0.02

/** A message by its numbers: what its creation, edits, reactions and deletion agree on. */
export interface Post {
  readonly id: string
  readonly channelId: string
  readonly channelType: number
  /** Undefined in the direct channel. */
  readonly guild: Guild | undefined
  /** Index of the member who wrote it; in the direct channel its partner. */
  readonly author: number
  readonly timeMs: number
  /** The rest of its randomness. */
  readonly random: KeyedRandom
}

/** The message written in a scene. */
export function postOf(scene: Scene): Post {
  const { random, timeMs } = scene
  const id = scene.id(EntityKind.Message)
  if (random.chance(directShare)) {
    const channelId = scene.census.directChannelId
    return { id, channelId, channelType: ChannelKind.Direct, guild: undefined, author: 0, timeMs, random }
  }
  const { guild } = scene
  const channel = scene.textChannel()
  return {
    id,
    channelId: guild.channelId(channel),
    channelType: channelKind(channel),
    guild,
    author: scene.member(),
    timeMs,
    random,
  }
}

/** The user who wrote a message. */
export function authorOf(scene: Scene, post: Post): APIUser {
  return post.guild === undefined ? scene.census.user(0) : scene.census.memberUser(post.guild, post.author)
}

/** Someone who reacts to a message, by member index: in the direct channel its partner. */
export function onlooker(scene: Scene, post: Post): number {
  if (post.guild === undefined || post.guild.size.members < 2) return 0
  return 1 + scene.index(post.guild.size.members - 1)
}

/** The id of an onlooker. */
export function onlookerId(scene: Scene, post: Post, member: number): string {
  return post.guild === undefined ? scene.census.userId(0) : scene.census.memberId(post.guild, member)
}
