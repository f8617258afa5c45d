import type { Signals } from 'twilight-emulator'

import { clockTime } from '../describe/event-line.ts'
import { countOf } from '../terminal/quantity.ts'
import { plainText } from '../terminal/plain-text.ts'
import { paint, type Style } from '../terminal/style.ts'

/** Lines up what follows the first word. */
const wordColumns = 12

type Signal = keyof typeof words

const words = {
  connection: ({ id, listener, version, encoding, compression }) =>
    `socket ${id} at the ${listener} URL: v${version}, ${encoding}, ${compression === 'none' ? 'no' : compression} compression`,
  disconnect: ({ id, shard, closeCode, closedBy }) =>
    `socket ${id}${shard === null ? '' : ` of shard ${shard}`}: ${closeCode ?? 'no code'} from the ${closedBy ?? 'network'}`,
  identify: ({ connection, shard: [id, count], intents, outcome }) =>
    `socket ${connection} as shard ${id} of ${count}, intents ${intents}: ${outcome === 'ready' ? outcome : `refused (${outcome})`}`,
  resume: ({ connection, sequence, outcome, replayed }) =>
    `socket ${connection} after event ${sequence}: ${outcome === 'resumed' ? `resumed, ${countOf(replayed, 'event')} replayed` : `refused (${outcome})`}`,
  'session-end': ({ sessionId, shardId, reason }) => `session ${sessionId} of shard ${shardId}: ${reason}`,
  violation: ({ rule, message, connection, shard }) =>
    `${rule}: ${message} (${connection === null ? 'no socket' : `socket ${connection}`}${shard === null ? '' : `, shard ${shard}`})`,
} as const satisfies { readonly [Name in keyof Signals]?: (value: Signals[Name]) => string }

/** The signals that get a line. */
export const shownSignals = Object.keys(words) as readonly Signal[]

/** A signal as a line: time, what it is, who. */
export function signalLine<Name extends Signal>(name: Name, value: Signals[Name], now: Date): string {
  // `Name` ties the value to its words; the compiler loses that in the union.
  const describe = words[name] as (value: Signals[Name]) => string
  const text = plainText(describe(value))
  return `${paint('dim', clockTime(now))} ${paint(styleOf(name, value), name.padEnd(wordColumns))} ${text}`
}

function styleOf(name: Signal, value: object): Style {
  if (name === 'violation') return ['red', 'bold']
  const outcome: unknown = Reflect.get(value, 'outcome')
  if (outcome === undefined) return name === 'connection' ? 'cyan' : 'dim'
  return outcome === 'ready' || outcome === 'resumed' ? 'green' : 'red'
}
