import type { GatewayEvent } from 'twilight-gateway'

import { plainText } from '../terminal/plain-text.ts'
import { paint, type Style } from '../terminal/style.ts'
import { textWidth, truncate } from '../terminal/text-width.ts'
import { describeEvent } from './describe-event.ts'
import type { Names } from './names.ts'

/** Lines up the descriptions behind most event names. */
export const nameColumns = 23
/** Narrower terminals have no room for lining up. */
const columnsToAlign = 72

/** Shards in turn. */
const shardStyles: readonly Style[] = ['cyan', 'magenta', 'blue', 'yellow', 'green']

/** A shard's life in words, since `SHARD_*` are names for programs. */
const lifeWords: ReadonlyMap<string, { readonly word: string; readonly style: Style }> = new Map([
  ['SHARD_CONNECTING', { word: 'connecting', style: 'yellow' }],
  ['SHARD_IDENTIFYING', { word: 'identifying', style: 'yellow' }],
  ['SHARD_RESUMING', { word: 'resuming', style: 'yellow' }],
  ['SHARD_CONNECTED', { word: 'ready', style: ['green', 'bold'] }],
  ['SHARD_DISCONNECTED', { word: 'connection lost', style: ['red', 'bold'] }],
  ['SHARD_RECONNECTING', { word: 'reconnecting', style: 'yellow' }],
  ['SHARD_CLOSED', { word: 'closed', style: 'red' }],
])

const eventStyles: readonly (readonly [prefix: RegExp, style: Style])[] = [
  [/^MESSAGE_REACTION|^MESSAGE_POLL/, 'magenta'],
  [/^MESSAGE_/, 'cyan'],
  [/^TYPING_|^PRESENCE_/, 'dim'],
  [/^VOICE_|^STAGE_|SOUNDBOARD/, 'yellow'],
  [/^READY$|^RESUMED$/, ['green', 'bold']],
  [/^GUILD_|^CHANNEL_|^THREAD_/, 'green'],
]

/** Where a line goes. */
export interface EventLineOptions {
  /** What it may take; Infinity for no limit. */
  readonly columns: number
  /** Of the bot; lines up the ids. */
  readonly shardCount: number
  readonly now: Date
}

/** An event as a line: time, shard, name, and what happened. */
export function eventLine(
  event: GatewayEvent,
  names: Names,
  { columns, shardCount, now }: EventLineOptions,
): string {
  const time = clockTime(now)
  const shard = `[${String(event.shardId).padStart(String(shardCount - 1).length)}]`
  const life = event.type === 'SHARD_CONNECTED' && event.data.resumed ? resumed : lifeWords.get(event.type)
  const word = life?.word ?? plainText(event.type)
  const room = columns - time.length - shard.length - 2
  const name = truncate(columns < columnsToAlign ? word : word.padEnd(nameColumns), room)
  const text = truncate(plainText(description(event, names)), room - textWidth(name) - 1)
  const nameStyle = life?.style ?? eventStyles.find(([prefix]) => prefix.test(event.type))?.[1]
  const shardStyle = shardStyles[event.shardId % shardStyles.length]
  return [paint('dim', time), paint(shardStyle, shard), paint(nameStyle, name), text].join(' ').trimEnd()
}

const resumed = { word: 'resumed', style: ['green', 'bold'] } as const

/** One event whose data is not what it should be must not end the listening. */
function description(event: GatewayEvent, names: Names): string {
  try {
    return describeEvent(event, names)
  } catch (error) {
    return `(${error instanceof Error ? error.message : String(error)})`
  }
}

/** The time of day where the reader is: `09:05:30`. */
export function clockTime(now: Date): string {
  return now.toTimeString().slice(0, 8)
}
