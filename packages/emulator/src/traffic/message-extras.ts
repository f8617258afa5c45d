import type {
  APIAttachment,
  APIEmbed,
  APIPoll,
  GatewayMessageCreateDispatchData,
} from 'discord-api-types/v10'
import { EntityKind } from './entity-kind.ts'
import { enumValue } from './enum-value.ts'
import { makeSticker } from './expression.ts'
import type { Guild } from './guild.ts'
import type { KeyedRandom } from './keyed-random.ts'
import { makePartialMember } from './member.ts'
import { makeMessage } from './message.ts'
import type { Post } from './post.ts'
import type { Scene } from './scene.ts'
import { isoTime } from './snowflake.ts'
import { messageText, sentence, title, word } from './text.ts'

/** Shares of messages with something more than text. */
const replyShare = 0.12
const mentionShare = 0.1
const attachmentShare = 0.08
const embedShare = 0.06
const stickerShare = 0.03
const buttonShare = 0.02
const forwardShare = 0.01
const pollShare = 0.01

/** Adds to some messages what some messages have: a reply, mentions, attachments, embeds, stickers and so on. */
export function decorate(
  scene: Scene,
  post: Post,
  message: GatewayMessageCreateDispatchData,
): GatewayMessageCreateDispatchData {
  const { guild, random } = post
  if (guild !== undefined && random.chance(replyShare)) reply(scene, post, message)
  if (guild !== undefined && random.chance(mentionShare)) {
    const member = guild.size.members > 1 ? random.between(1, guild.size.members - 1) : 0
    const user = scene.census.memberUser(guild, member)
    message.content = `<@${user.id}> ${message.content}`
    message.mentions = [{ ...user, member: makePartialMember(guild, member) }]
  }
  if (random.chance(attachmentShare)) message.attachments = [attachment(post, random)]
  if (random.chance(embedShare)) message.embeds = [embed(random)]
  if (guild !== undefined && guild.stickerCount > 0 && random.chance(stickerShare)) {
    const { name, id } = makeSticker(guild, random.below(guild.stickerCount))
    message.sticker_items = [{ name, id, format_type: 1 }]
  }
  if (random.chance(buttonShare)) {
    const label = sentence(random).slice(0, 80)
    const button = { type: 2, style: 1, label, id: 2, custom_id: `{"t":"${word(random)}"}` } as const
    message.components = [{ type: 1, id: 1, components: [button] }]
  }
  if (guild !== undefined && message.message_reference === undefined && random.chance(forwardShare))
    forward(guild, post, message)
  if (random.chance(pollShare)) message.poll = poll(post, random)
  return message
}

function forward(guild: Guild, { random, channelId }: Post, message: GatewayMessageCreateDispatchData): void {
  const { type, mentions, mention_roles: mentionRoles, timestamp, embeds, attachments } = message
  const id = guild.idOf(EntityKind.Message, random.below(100_000))
  message.message_reference = { type: 1, message_id: id, guild_id: guild.id, channel_id: channelId }
  message.message_snapshots = [
    {
      message: {
        type,
        mentions,
        mention_roles: mentionRoles,
        timestamp,
        edited_timestamp: null,
        embeds,
        attachments,
        content: messageText(random),
      },
    },
  ]
  message.content = ''
}

function poll({ timeMs }: Post, random: KeyedRandom): APIPoll {
  return {
    question: { text: sentence(random).slice(0, 300) },
    layout_type: 1,
    expiry: isoTime(timeMs + 86_400_000),
    answers: [1, 2, 3, 4].map((answer) => ({
      poll_media: { text: word(random), emoji: { name: '🐙', id: null } },
      answer_id: answer,
    })),
    allow_multiselect: false,
  }
}

function reply(scene: Scene, post: Post, message: GatewayMessageCreateDispatchData): void {
  const { guild, channelId, random } = post
  if (guild === undefined) return
  const member = random.below(guild.size.members)
  const id = guild.idOf(EntityKind.Message, random.below(100_000))
  message.type = 19
  message.message_reference = { type: 0, message_id: id, guild_id: guild.id, channel_id: channelId }
  const {
    guild_id: _guildId,
    member: _member,
    ...referenced
  } = makeMessage({
    ...post,
    id,
    timeMs: guild.createdMs,
    content: messageText(random),
    author: scene.census.memberUser(guild, member),
  })
  message.referenced_message = referenced
}

function attachment(post: Post, random: KeyedRandom): APIAttachment {
  const id = post.id.slice(0, -2) + random.between(10, 99)
  const file = `${word(random)}_${word(random)}.png`
  const query = `ex=${random.hash().slice(0, 8)}&is=${random.hash().slice(0, 8)}&hm=${random.hash()}&`
  return {
    width: 1920,
    url: `https://cdn.discordapp.com/attachments/${post.channelId}/${id}/${file}?${query}`,
    size: random.between(10_000, 4_000_000),
    proxy_url: `https://media.discordapp.net/attachments/${post.channelId}/${id}/${file}?${query}`,
    id,
    height: 1080,
    filename: file,
    content_type: 'image/png',
  }
}

function embed(random: KeyedRandom): APIEmbed {
  const path = `${word(random)}/${word(random)}`
  return {
    url: `https://example.com/${path}`,
    type: enumValue<NonNullable<APIEmbed['type']>>('rich'),
    title: title(random),
    description: messageText(random),
    color: random.below(0xff_ff_ff),
    footer: { text: sentence(random) },
    fields: [{ value: sentence(random), name: word(random), inline: true }],
  }
}
