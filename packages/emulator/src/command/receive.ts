import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import type { Encoding } from '../encoding/encoding.ts'
import { isObject } from '../json.ts'
import { CloseCode } from '../protocol/close-code.ts'
import { Limit } from '../protocol/limit.ts'
import { Opcode } from '../protocol/opcode.ts'
import type { ClientFrame } from '../report/report.ts'
import { commands } from './table.ts'

/** One message from a client: recorded, held against the rules, carried out (rules E4–E7, E29). */
export function receive(gateway: Gateway, connection: Connection, message: Buffer, isBinary: boolean): void {
  if (!connection.open) return
  const { encoding } = connection
  const isReadable = message.length <= Limit.clientPayloadBytes && isBinary === encoding.isBinary
  const envelope = isReadable ? decode(encoding, message) : undefined
  const seen = recordFrame(gateway, connection, message.length, envelope)
  if (!connection.sends.admit(gateway.settings.clock.now())) {
    gateway.reject(connection, 'rate', 'more than 120 payloads in 60 s', CloseCode.RateLimited)
  } else if (message.length > Limit.clientPayloadBytes) {
    gateway.reject(connection, 'size', `payload of ${message.length} bytes`, CloseCode.DecodeError)
  } else if (isBinary !== encoding.isBinary) {
    const what = `${isBinary ? 'binary' : 'text'} frame under ${encoding.name} encoding`
    gateway.reject(connection, 'frame-kind', what, CloseCode.DecodeError)
  } else if (envelope === undefined) {
    gateway.reject(connection, 'decode', `not an object in ${encoding.name}`, CloseCode.DecodeError)
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

function decode(
  encoding: Encoding,
  message: Buffer,
): { readonly op: number | null; readonly data: unknown } | undefined {
  let value: unknown
  try {
    value = encoding.read(message)
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
