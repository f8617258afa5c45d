import { isUtf8 } from 'node:buffer'

import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { isObject } from '../json.ts'
import { CloseCode } from '../protocol/close-code.ts'
import { Limit } from '../protocol/limit.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { ClientFrame } from '../report/report.ts'
import { commands } from './table.ts'

/** One message from a client: recorded, held against the rules, carried out (rules E4–E7, E29). */
export function receive(gateway: Gateway, connection: Connection, message: Buffer, isBinary: boolean): void {
  if (!connection.open) return
  const envelope = message.length <= Limit.clientPayloadBytes && !isBinary ? decode(message) : undefined
  const seen = recordFrame(gateway, connection, message.length, envelope)
  if (!connection.sends.admit(gateway.settings.clock.now())) {
    gateway.reject(connection, 'rate', 'more than 120 payloads in 60 s', CloseCode.RateLimited)
  } else if (message.length > Limit.clientPayloadBytes) {
    gateway.reject(connection, 'size', `payload of ${message.length} bytes`, CloseCode.DecodeError)
  } else if (isBinary) {
    gateway.reject(connection, 'frame-kind', 'binary frame under json encoding', CloseCode.DecodeError)
  } else if (envelope === undefined) {
    gateway.reject(connection, 'decode', 'not a JSON object', CloseCode.DecodeError)
  } else {
    run(gateway, connection, envelope.op, envelope.data)
  }
  if (seen.op === Opcode.Heartbeat) gateway.signals.emit('heartbeat', seen)
  gateway.signals.emit('frame', seen)
}

function run(gateway: Gateway, connection: Connection, op: number | null, data: unknown): void {
  const command = op === null ? undefined : commands.get(op)
  if (command === undefined) {
    const code = gateway.settings.switches.unknownOpcode
    gateway.reject(connection, 'opcode', `opcode ${op} is not for bots`, code)
  } else if (!command.beforeAuth && connection.phase !== 'live') {
    gateway.reject(
      connection,
      'not-authenticated',
      `opcode ${op} without a session`,
      CloseCode.NotAuthenticated,
    )
  } else {
    command.handle(gateway, connection, data)
  }
}

function decode(message: Buffer): { readonly op: number | null; readonly data: unknown } | undefined {
  if (!isUtf8(message)) return undefined
  let value: unknown
  try {
    value = JSON.parse(message.toString('utf8'))
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { op, d } = value
  return { op: typeof op === 'number' ? op : null, data: d }
}

function recordFrame(
  gateway: Gateway,
  connection: Connection,
  bytes: number,
  envelope: { readonly op: number | null; readonly data: unknown } | undefined,
): ClientFrame {
  const data = envelope?.data
  const seen = {
    connection: connection.id,
    shard: connection.shard,
    atMs: gateway.settings.clock.now(),
    bytes,
    op: envelope?.op ?? null,
    data: isObject(data) && 'token' in data ? { ...data, token: '<redacted>' } : data,
  }
  gateway.recorder.frames.push(seen)
  return seen
}
