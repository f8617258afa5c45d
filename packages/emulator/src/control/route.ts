import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Emulator } from '../emulator.ts'
import type { EmulatorReport } from '../report/report.ts'
import { awaitSignal } from './await-signal.ts'
import type { Call } from './call.ts'
import { ControlError } from './control-error.ts'
import { emulatorCalls } from './emulator-calls.ts'
import { faultCalls } from './fault-calls.ts'
import { describe, integer, optional, positive, text } from './field.ts'
import { readQuery } from './query.ts'

/** One request. */
export interface ControlRequest {
  readonly emulator: Emulator
  /** The segment in the place of `:name` in the path, decoded. */
  readonly name: string
  readonly shard: string
  readonly query: URLSearchParams
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The parsed body; `{}` when there is none. */
  readonly json: () => Promise<unknown>
}

/** A method, a path below the control's and what it answers; undefined is an empty object. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly does: string
  readonly handle: (request: ControlRequest) => unknown
}

/** Below this path the emulator itself is spoken to; Discord has none like it. */
export const controlPath = '/emulator'

/** Everything that can be asked. */
export const controlRoutes: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '',
    does: 'URLs, bots and this list',
    handle: ({ emulator }) => overview(emulator),
  },
  {
    method: 'GET',
    path: '/bots',
    does: 'tokens, user ids and guild ids',
    handle: ({ emulator }) =>
      emulator.bots.map(({ token, world, guildIds }) => ({ token, userId: world.user.id, guildIds })),
  },
  {
    method: 'GET',
    path: '/report',
    does: 'everything seen and done until now',
    handle: ({ emulator }) => emulator.report(),
  },
  { method: 'GET', path: '/report/:name', does: 'one field of the report', handle: reportPart },
  {
    method: 'GET',
    path: '/wait/:name',
    does: 'waits for a signal: ?count=1&timeoutMs=10000, and fields that it must have',
    handle: async ({ emulator, name, query }) => awaitSignal(emulator, name, query),
  },
  {
    method: 'GET',
    path: '/shards/:shard',
    does: 'how many sockets and sessions a shard has, or "all"',
    handle: ({ emulator, shard }) => {
      const { connectionCount: connections, sessionCount: sessions } = shardOf(emulator, shard)
      return { connections, sessions }
    },
  },
  { method: 'POST', path: '/shards/:shard/:name', does: 'a fault on a shard, or "all"', handle: runFault },
  {
    method: 'DELETE',
    path: '/faults',
    does: 'lifts all lasting faults',
    handle: ({ emulator }) => emulator.clearFaults(),
  },
  {
    method: 'DELETE',
    path: '/traffic',
    does: 'ends traffic',
    handle: ({ emulator }) => emulator.traffic.stop(),
  },
  {
    method: 'GET',
    path: '/recording',
    does: 'records into the answer until it is closed: ?bot=0',
    handle: record,
  },
  {
    method: 'POST',
    path: '/replay',
    does: 'replays the recording in the body: ?speed=1&bot=0&types=MESSAGE_CREATE,…',
    handle: replay,
  },
  ...Object.entries(emulatorCalls).map(callRoute),
]

function callRoute([name, { fields, run }]: readonly [string, Call<Emulator>]): ControlRoute {
  return {
    method: 'POST',
    path: `/${name}`,
    does: `calls it with ${Object.keys(fields).join(', ')}`,
    handle: async ({ emulator, json }) => run(emulator, await json()),
  }
}

function overview(emulator: Emulator): unknown {
  const { url, apiUrl, resumeUrl } = emulator
  return {
    url,
    apiUrl,
    resumeUrl,
    bots: emulator.bots.map(({ token, guildIds }) => ({ token, guilds: guildIds.length })),
    routes: controlRoutes.map(({ method, path, does }) => `${method} ${controlPath}${path}: ${does}`),
    calls: describeAll(emulatorCalls),
    faults: describeAll(faultCalls),
  }
}

function describeAll(calls: Readonly<Record<string, Pick<Call<never>, 'fields'>>>): unknown {
  return Object.fromEntries(
    Object.entries(calls).map(([name, { fields }]) => [name, describe(fields).fields]),
  )
}

function reportPart({ emulator, name }: ControlRequest): unknown {
  const report: Partial<Record<string, EmulatorReport[keyof EmulatorReport]>> = { ...emulator.report() }
  const part = report[name]
  if (part !== undefined) return part
  throw new ControlError(404, `the report has no ${JSON.stringify(name)}`, { fields: Object.keys(report) })
}

async function runFault({ emulator, shard, name, json }: ControlRequest): Promise<unknown> {
  const fault = new Map(Object.entries(faultCalls)).get(name)
  if (fault === undefined) {
    throw new ControlError(404, `there is no fault ${JSON.stringify(name)}`, {
      faults: Object.keys(faultCalls),
    })
  }
  return fault.run(shardOf(emulator, shard), await json())
}

function shardOf(emulator: Emulator, shard: string) {
  if (shard === 'all') return emulator.all
  if (/^\d{1,9}$/.test(shard)) return emulator.shard(Number(shard))
  throw new ControlError(400, `shard is ${JSON.stringify(shard)}, expected its number or "all"`)
}

async function record({ emulator, query, response }: ControlRequest): Promise<void> {
  const options = readQuery({ bot: optional(integer(0)) }, query)
  response.setHeader('content-type', 'application/x-ndjson')
  const recording = await emulator.record(response, options)
  await recording.ended
  // The reader left, which is how it ends a recording, or the emulator stops.
  await recording.stop().catch(() => undefined)
  response.end()
}

async function replay({ emulator, query, request, response }: ControlRequest): Promise<unknown> {
  const fields = { speed: optional(positive), bot: optional(integer(0)), types: optional(text) }
  const { types, ...options } = readQuery(fields, query)
  const names = types?.split(',')
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  // Not destroyed when it is left early: that would take the connection, and the answer, with it.
  return await emulator.replay(request.iterator({ destroyOnReturn: false }), {
    ...options,
    signal: gone.signal,
    ...(names !== undefined && { filter: ({ type }) => names.includes(type) }),
  })
}
