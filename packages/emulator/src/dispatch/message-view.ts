import { isObject, stringField } from '../json.ts'
import type { JsonObject } from '../json.ts'

const blanks: JsonObject = { content: '', embeds: [], attachments: [], components: [] }

/**
 * Whether a message keeps its content without the MESSAGE_CONTENT intent: the bot's own, direct ones, and those
 * that mention it. Source: Discord docs, *Gateway*, message content intent.
 */
export function keepsContent(message: unknown, selfId: string): boolean {
  if (!isObject(message)) return true
  if (message['guild_id'] === undefined) return true
  if (stringField(message['author'], 'id') === selfId) return true
  const mentions = message['mentions']
  return Array.isArray(mentions) && mentions.some((user) => stringField(user, 'id') === selfId)
}

/** A copy with `content, embeds, attachments, components` emptied where present, and without `poll`. */
export function blankMessage(message: JsonObject): JsonObject {
  const blanked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(message)) {
    if (key !== 'poll') blanked[key] = key in blanks ? blanks[key] : value
  }
  return blanked
}

/** A copy of an AutoMod execution without the texts that need MESSAGE_CONTENT. */
export function blankModeration(execution: JsonObject): JsonObject {
  return { ...execution, content: '', matched_content: '' }
}
