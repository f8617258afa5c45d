import type {
  APIEmoji,
  GatewayMessageCreateDispatchData,
  GatewayMessageDeleteBulkDispatchData,
  GatewayMessageDeleteDispatchData,
  GatewayMessagePollVoteDispatchData,
  GatewayMessageReactionAddDispatchData,
  GatewayMessageReactionRemoveAllDispatchData,
  GatewayMessageReactionRemoveDispatchData,
  GatewayMessageReactionRemoveEmojiDispatchData,
  GatewayMessageUpdateDispatchData,
  GatewayTypingStartDispatchData,
} from 'discord-api-types/v10'
import { EntityKind } from '../entity-kind.ts'
import { makeEmoji } from '../expression.ts'
import { makeMember, makePartialMember } from '../member.ts'
import { decorate } from '../message-extras.ts'
import { makeMessage } from '../message.ts'
import { authorOf, onlooker, onlookerId } from '../post.ts'
import type { Post } from '../post.ts'
import type { Scene } from '../scene.ts'
import { isoTime } from '../snowflake.ts'
import { messageText } from '../text.ts'
import type { PostSamples } from './sample.ts'

/** Messages, reactions, typing and poll votes. Source: Discord docs, *Gateway Events*, messages and polls. */
export const messageSamples: PostSamples = {
  MESSAGE_CREATE: (scene, post): GatewayMessageCreateDispatchData => written(scene, post),
  MESSAGE_UPDATE: (scene, post): GatewayMessageUpdateDispatchData => {
    const message = written(scene, post)
    return {
      ...message,
      edited_timestamp: isoTime(scene.timeMs),
      content: `${message.content} (edited ✏️)`,
    }
  },
  MESSAGE_DELETE: (_scene, post): GatewayMessageDeleteDispatchData => ({
    id: post.id,
    channel_id: post.channelId,
    ...guildOf(post),
  }),
  MESSAGE_DELETE_BULK: (scene, post): GatewayMessageDeleteBulkDispatchData => ({
    ids: [post.id, ...Array.from({ length: 9 }, () => scene.id(EntityKind.Message))],
    channel_id: post.channelId,
    ...guildOf(post),
  }),
  MESSAGE_REACTION_ADD: (scene, post): GatewayMessageReactionAddDispatchData => {
    const member = onlooker(scene, post)
    return {
      user_id: onlookerId(scene, post, member),
      type: 0,
      message_id: post.id,
      message_author_id: onlookerId(scene, post, post.author),
      ...(post.guild !== undefined && { member: makeMember(scene.census, post.guild, member) }),
      emoji: reactionEmoji(scene, post),
      channel_id: post.channelId,
      burst: false,
      ...guildOf(post),
    }
  },
  MESSAGE_REACTION_REMOVE: (scene, post): GatewayMessageReactionRemoveDispatchData => ({
    user_id: onlookerId(scene, post, onlooker(scene, post)),
    type: 0,
    message_id: post.id,
    emoji: reactionEmoji(scene, post),
    channel_id: post.channelId,
    burst: false,
    ...guildOf(post),
  }),
  MESSAGE_REACTION_REMOVE_ALL: (_scene, post): GatewayMessageReactionRemoveAllDispatchData => ({
    message_id: post.id,
    channel_id: post.channelId,
    ...guildOf(post),
  }),
  MESSAGE_REACTION_REMOVE_EMOJI: (scene, post): GatewayMessageReactionRemoveEmojiDispatchData => ({
    message_id: post.id,
    emoji: reactionEmoji(scene, post),
    channel_id: post.channelId,
    ...guildOf(post),
  }),
  MESSAGE_POLL_VOTE_ADD: (scene, post) => vote(scene, post),
  MESSAGE_POLL_VOTE_REMOVE: (scene, post) => vote(scene, post),
  TYPING_START: (scene, post): GatewayTypingStartDispatchData => ({
    user_id: onlookerId(scene, post, post.author),
    timestamp: Math.floor(scene.timeMs / 1000),
    ...(post.guild !== undefined && { member: makeMember(scene.census, post.guild, post.author) }),
    channel_id: post.channelId,
    ...guildOf(post),
  }),
}

function guildOf({ guild }: Post): { guild_id?: string } {
  return guild === undefined ? {} : { guild_id: guild.id }
}

function written(scene: Scene, post: Post): GatewayMessageCreateDispatchData {
  const { guild, random } = post
  const message = makeMessage({
    ...post,
    content: messageText(random),
    author: authorOf(scene, post),
    ...(random.chance(0.6) && { nonce: post.id }),
    ...(guild !== undefined && { guildId: guild.id, member: makePartialMember(guild, post.author) }),
  })
  return decorate(scene, post, message)
}

function vote(scene: Scene, post: Post): GatewayMessagePollVoteDispatchData {
  return {
    user_id: onlookerId(scene, post, onlooker(scene, post)),
    message_id: post.id,
    channel_id: post.channelId,
    answer_id: scene.random.between(1, 4),
    ...guildOf(post),
  }
}

const unicodeEmojis = ['👍', '❤️', '😂', '🔥', '👩‍💻', '🏴‍☠️', '1️⃣'] as const

function reactionEmoji({ random }: Scene, { guild }: Post): APIEmoji {
  if (guild === undefined || guild.size.emojis === 0 || random.chance(0.6)) {
    return { name: random.pick(unicodeEmojis), id: null }
  }
  const { name, id } = makeEmoji(guild, random.below(guild.size.emojis))
  return { name, id }
}
