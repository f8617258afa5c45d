import { isObject } from '../json.ts'

const statuses: ReadonlySet<unknown> = new Set(['online', 'dnd', 'idle', 'invisible', 'offline'])

/**
 * What is wrong with the presence of op 3, or undefined. Missing `since`, `activities` or `status` closes with 4001
 * (seen); `afk` is not demanded. Source: Discord docs, *Gateway Events*, Update Presence.
 */
export function presenceProblem(presence: unknown): string | undefined {
  if (!isObject(presence)) return 'presence is not an object'
  const { since, activities, status, afk = false } = presence
  if (since !== null && typeof since !== 'number') return 'presence.since is neither null nor a number'
  if (!statuses.has(status)) return 'presence.status is unknown'
  if (typeof afk !== 'boolean') return 'presence.afk is not a boolean'
  if (activities === null) return undefined
  if (!Array.isArray(activities)) return 'presence.activities is not an array'
  return activities.every((activity) => isActivity(activity)) ? undefined : 'an activity lacks name or type'
}

/**
 * As {@link presenceProblem} for the presence of identify, where keys may be absent: oceanic.js 1 leaves `since`
 * out, eris 0.18 sends `activities: null`, and both log in to Discord.
 */
export function initialPresenceProblem(presence: unknown): string | undefined {
  if (!isObject(presence)) return 'presence is not an object'
  return presenceProblem({ since: null, activities: null, status: 'online', ...presence })
}

function isActivity(activity: unknown): boolean {
  return isObject(activity) && typeof activity['name'] === 'string' && Number.isSafeInteger(activity['type'])
}
