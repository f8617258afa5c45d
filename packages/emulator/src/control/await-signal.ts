import type { Emulator } from '../emulator.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { EmulatorReport } from '../report/report.ts'
import type { SignalName, Signals } from '../report/signal.ts'
import { ControlError } from './control-error.ts'
import { integer, optional } from './field.ts'
import { readQuery } from './query.ts'

/** What the report still knows of each signal, oldest first. */
const history: { readonly [Name in SignalName]: (report: EmulatorReport) => readonly Signals[Name][] } = {
  connection: ({ connections }) => connections,
  disconnect: ({ connections }) => connections.filter(({ closedAtMs }) => closedAtMs !== null),
  frame: ({ frames }) => frames,
  heartbeat: ({ frames }) => frames.filter(({ op }) => op === Opcode.Heartbeat),
  identify: ({ identifies }) => identifies,
  resume: ({ resumes }) => resumes,
  guilds: ({ sessions }) =>
    sessions.flatMap(({ sessionId, shardId, hasGuilds }) => (hasGuilds ? [{ sessionId, shardId }] : [])),
  'session-end': ({ sessions }) =>
    sessions.flatMap(({ sessionId, shardId, endReason }) =>
      endReason === null ? [] : [{ sessionId, shardId, reason: endReason }],
    ),
  violation: ({ violations }) => violations,
}

const defaultTimeoutMs = 10_000
const fields = { count: optional(integer(1)), timeoutMs: optional(integer(0, 600_000)) }

/**
 * The signal that makes `count` since the start, of those whose fields have the values in the query; so a test that
 * asks after it has acted misses nothing.
 * @throws ControlError 404 for an unknown signal, 400 for a wrong query, 504 when time is up.
 */
export async function awaitSignal(
  emulator: Emulator,
  name: string,
  query: URLSearchParams,
): Promise<unknown> {
  if (!isSignal(name)) {
    const signals = Object.keys(history)
    throw new ControlError(404, `there is no signal ${JSON.stringify(name)}`, { signals })
  }
  const own = new URLSearchParams([...query].filter(([key]) => Object.hasOwn(fields, key)))
  const wanted = [...query].filter(([key]) => !Object.hasOwn(fields, key))
  const { count = 1, timeoutMs = defaultTimeoutMs } = readQuery(fields, own)
  return await nth(emulator, name, { count, timeoutMs, wanted })
}

async function nth<Name extends SignalName>(
  emulator: Emulator,
  name: Name,
  {
    count,
    timeoutMs,
    wanted,
  }: {
    readonly count: number
    readonly timeoutMs: number
    readonly wanted: readonly (readonly [key: string, value: string])[]
  },
): Promise<Signals[Name]> {
  const fits = (value: Signals[Name]): boolean =>
    wanted.every(([key, text]) => String(Reflect.get(value, key)) === text)
  const all = history[name](emulator.report())
  const past = all.filter(fits)
  const found = past[count - 1]
  if (found !== undefined) return found
  let seen = past.length
  let last = all.at(-1)
  try {
    return await emulator.waitFor(
      name,
      (value) => {
        last = value
        return fits(value) && ++seen >= count
      },
      { timeoutMs },
    )
  } catch {
    const message = `${seen} of ${count} ${name} signals that fit within ${timeoutMs} ms`
    throw new ControlError(504, message, { seen, last: last ?? null })
  }
}

function isSignal(name: string): name is SignalName {
  return Object.hasOwn(history, name)
}
