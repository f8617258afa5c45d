import type { EventMap } from 'twilight-gateway'

import { describeError } from '../terminal/describe-error.ts'
import { countOf, wait } from '../terminal/quantity.ts'
import type { Descriptions } from './description.ts'

type Disconnected = EventMap['SHARD_DISCONNECTED']['data']

/** What became of a connection, in words, where no error says it better. */
const causes: Readonly<Record<Disconnected['cause'], string>> = {
  requested: 'the gateway asked to reconnect',
  'invalid-session': 'the gateway declared the session invalid',
  'close-code': 'the gateway closed it',
  network: 'it broke without a close frame',
  'connect-failed': 'it could not be made',
  zombie: 'heartbeats go unanswered',
  timeout: 'the gateway did not answer in time',
  decode: 'something unreadable came',
  thread: 'its thread crashed',
  local: 'we left',
}

/** The life of a shard. */
export const shardEvents = {
  SHARD_CONNECTING: ({ url, resuming }) => `to ${url}${resuming ? ' to resume' : ''}`,
  SHARD_IDENTIFYING: () => 'asks for a new session',
  SHARD_RESUMING: ({ sequence }) => `asks for what came after event ${sequence}`,
  SHARD_CONNECTED: ({ resumed, replayed }) =>
    resumed ? `the session goes on, ${countOf(replayed, 'event')} replayed` : 'the session is new',
  SHARD_DISCONNECTED: (data) => disconnected(data),
  SHARD_RECONNECTING: ({ delayMs, resume }) =>
    `in ${wait(delayMs)} to ${resume ? 'resume the session' : 'begin a new session'}`,
  SHARD_CLOSED: ({ reason }) => reason.message,
  SHARDS_REPLACED: ({ from, to }) => `${countOf(to, 'shard')} took over from ${from}`,
  SHARDS_KEPT: ({ error }) => `the shards stay as they are: ${describeError(error)}`,
  SHARD_IDENTIFY_QUEUE_ERROR: ({ error }) => `the identify queue failed: ${describeError(error)}`,
  SHARD_SESSION_STORE_ERROR: ({ error, operation }) =>
    `the session store failed to ${operation}: ${describeError(error)}`,
  SHARD_LISTENER_ERROR: ({ type }) => `a listener of ${type} failed`,
} as const satisfies Descriptions

function disconnected({ cause, code, reason, error }: Disconnected): string {
  if (error !== undefined) return error.message
  if (cause !== 'close-code') return causes[cause]
  return `${causes[cause]} (${reason === '' ? code : `${code}: ${reason}`})`
}
