import { isObject, stringField } from '../json.ts'
import type { JsonObject } from '../json.ts'

const blanks: JsonObject = { content: '', embeds: [], attachments: [], components: [] }

/**
 * A message as a bot without MESSAGE_CONTENT sees it; the same object if it sees all of it. It keeps the content
 * of its own messages, direct ones, and those that mention it. Source: Discord docs, *Gateway*, message content
 * intent. That a message replied to is judged by itself, and a forwarded one with its carrier, is inferred.
 */
export function messageWithoutIntent(message: JsonObject, selfId: string): JsonObject {
  if (message['guild_id'] === undefined) return message
  const referenced = message['referenced_message']
  const hidesReferenced = isObject(referenced) && !concernsBot(referenced, selfId)
  const kept = concernsBot(message, selfId) ? message : blank(message)
  return hidesReferenced ? { ...kept, referenced_message: blank(referenced) } : kept
}

/** A copy of an AutoMod execution without the texts that need MESSAGE_CONTENT. */
export function blankModeration(execution: JsonObject): JsonObject {
  return { ...execution, content: '', matched_content: '' }
}

function concernsBot(message: JsonObject, selfId: string): boolean {
  if (stringField(message['author'], 'id') === selfId) return true
  const mentions = message['mentions']
  return Array.isArray(mentions) && mentions.some((user) => stringField(user, 'id') === selfId)
}

/** A copy with `content, embeds, attachments, components` emptied where present, and without `poll`. */
function blank(message: JsonObject): JsonObject {
  const blanked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(message)) {
    if (key === 'message_snapshots' && Array.isArray(value)) blanked[key] = value.map(blankSnapshot)
    else if (key !== 'poll') blanked[key] = key in blanks ? blanks[key] : value
  }
  return blanked
}

function blankSnapshot(snapshot: unknown): unknown {
  if (!isObject(snapshot) || !isObject(snapshot['message'])) return snapshot
  return { ...snapshot, message: blank(snapshot['message']) }
}
