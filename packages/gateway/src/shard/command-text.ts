import { CommandError } from '../errors.ts'
import type { GatewayCommand } from '../protocol/commands.ts'
import { limits } from '../protocol/limits.ts'
import { sessionOpcodes } from '../protocol/opcodes.ts'

/** A command as it will be sent. */
export interface CommandText {
  readonly text: string
  readonly op: number
  readonly data: unknown
}

/**
 * Checks and serialises a command: a value or its JSON text.
 * @throws CommandError COMMAND_INVALID, COMMAND_TOO_LARGE
 */
export function commandText(command: GatewayCommand | string): CommandText {
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
  const text = typeof command === 'string' ? command : JSON.stringify(command)
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > limits.payloadBytes) {
    throw new CommandError(
      'COMMAND_TOO_LARGE',
      `a command of ${sizeBytes} bytes exceeds the ${limits.payloadBytes} that the gateway accepts; split it`,
      { context: { op, sizeBytes, maxPayloadBytes: limits.payloadBytes } },
    )
  }
  return { text, op, data: Reflect.get(value, 'd') }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CommandError('COMMAND_INVALID', 'a command given as text must be JSON', { cause })
  }
}
