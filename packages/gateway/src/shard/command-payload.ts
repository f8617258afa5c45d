import { CommandError } from '../errors.ts'
import type { GatewayCommand } from '../protocol/commands.ts'
import { limits } from '../protocol/limits.ts'
import { sessionOpcodes } from '../protocol/opcodes.ts'
import type { PayloadCodec } from '../wire/codec.ts'

/** A command as it will be sent. */
export interface CommandPayload {
  readonly payload: string | Buffer
  readonly op: number
  readonly data: unknown
}

/**
 * Checks and serialises a command: a value or its JSON text.
 * @throws CommandError COMMAND_INVALID, COMMAND_TOO_LARGE
 */
export function commandPayload(command: GatewayCommand | string, codec: PayloadCodec): CommandPayload {
  const value: unknown = typeof command === 'string' ? parse(command) : command
  const op: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'op') : undefined
  if (typeof value !== 'object' || value === null || typeof op !== 'number' || !Number.isInteger(op)) {
    throw new CommandError('COMMAND_INVALID', 'a command must be an object { op, d } with an integer op')
  }
  if (sessionOpcodes.has(op)) {
    throw new CommandError('COMMAND_INVALID', `the shard sends op ${op} by itself; it is not a command`, {
      context: { op },
    })
  }
  const data: unknown = Reflect.get(value, 'd')
  // Text that is JSON already leaves as it was given.
  const payload =
    typeof command === 'string' && codec.encoding === 'json' ? command : codec.pack({ op, d: data })
  const sizeBytes = Buffer.byteLength(payload)
  if (sizeBytes > limits.payloadBytes) {
    throw new CommandError(
      'COMMAND_TOO_LARGE',
      `a command of ${sizeBytes} bytes exceeds the ${limits.payloadBytes} that the gateway accepts; split it`,
      { context: { op, sizeBytes, maxPayloadBytes: limits.payloadBytes } },
    )
  }
  return { payload, op, data }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CommandError('COMMAND_INVALID', 'a command given as text must be JSON', { cause })
  }
}
