import type { EventMap } from 'twilight-gateway'

import { countOf } from '../terminal/quantity.ts'
import type { Descriptions } from './description.ts'
import type { Names } from './names.ts'

type Message = EventMap['MESSAGE_CREATE']['data']
type Reaction = EventMap['MESSAGE_REACTION_ADD']['data'] | EventMap['MESSAGE_REACTION_REMOVE']['data']
type Vote = EventMap['MESSAGE_POLL_VOTE_ADD']['data']
type Emoji = Reaction['emoji']

/** Who wrote, read, voted and reacted where. */
export const messageEvents = {
  MESSAGE_CREATE: (data, names) => `${author(data, names)} in ${where(data, names)}: ${content(data)}`,
  MESSAGE_UPDATE: (data, names) => `${author(data, names)} edited in ${where(data, names)}: ${content(data)}`,
  MESSAGE_DELETE: (data, names) => `a message was deleted in ${where(data, names)}`,
  MESSAGE_DELETE_BULK: (data, names) =>
    `${countOf(data.ids.length, 'message')} were deleted in ${where(data, names)}`,
  MESSAGE_REACTION_ADD: (data, names) => reaction(data, names, 'reacted with'),
  MESSAGE_REACTION_REMOVE: (data, names) => reaction(data, names, 'took back'),
  MESSAGE_REACTION_REMOVE_ALL: (data, names) =>
    `all reactions were removed from a message in ${where(data, names)}`,
  MESSAGE_REACTION_REMOVE_EMOJI: (data, names) =>
    `all ${emoji(data.emoji)} were removed from a message in ${where(data, names)}`,
  MESSAGE_POLL_VOTE_ADD: (data, names) => vote(data, names, 'voted for'),
  MESSAGE_POLL_VOTE_REMOVE: (data, names) => vote(data, names, 'took back the vote for'),
  CHANNEL_PINS_UPDATE: (data, names) => `the pins of ${where(data, names)} changed`,
  TYPING_START: (data, names) => `${names.user(data.user_id)} is typing in ${where(data, names)}`,
} as const satisfies Descriptions

/** An emoji's character, or its name between colons. */
export function emoji({ id, name }: Pick<Emoji, 'id' | 'name'>): string {
  if (id === null) return name ?? 'an emoji'
  return name === null ? 'a deleted emoji' : `:${name}:`
}

function where(
  data: { readonly channel_id: string; readonly guild_id?: string | undefined },
  names: Names,
): string {
  return names.place(data.channel_id, data.guild_id)
}

function author(data: Message, names: Names): string {
  return data.webhook_id === undefined ? names.user(data.author.id) : `${data.author.username} (webhook)`
}

/** The text, or what there is in its place: a bot without MESSAGE_CONTENT sees none. */
function content(data: Message): string {
  const { attachments, embeds, sticker_items: stickers = [] } = data
  if (data.content !== '') return data.content
  if (attachments.length > 0) return `(${countOf(attachments.length, 'attachment')})`
  if (stickers.length > 0) return `(${stickers.map(({ name }) => name).join(', ')})`
  return embeds.length > 0 ? `(${countOf(embeds.length, 'embed')})` : '(no text)'
}

function reaction(data: Reaction, names: Names, verb: string): string {
  return `${names.user(data.user_id)} ${verb} ${emoji(data.emoji)} in ${where(data, names)}`
}

function vote(data: Vote, names: Names, verb: string): string {
  return `${names.user(data.user_id)} ${verb} answer ${data.answer_id} in ${where(data, names)}`
}
