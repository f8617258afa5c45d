import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'
import { CloseCode } from '../protocol/close-code.ts'

/** Carries out one client opcode; `data` is its `d`, unchecked. */
export type CommandHandler = (gateway: Gateway, connection: Connection, data: unknown) => void

/** A known op with a `d` that does not fit closes with 4001 (rule E6). */
export function rejectPayload(gateway: Gateway, connection: Connection, message: string): void {
  gateway.reject(connection, 'payload', message, CloseCode.UnknownOpcode)
}

/** As {@link rejectPayload}, but ops 4 and 8 were also seen to hang for a while and answer op 9 (a switch). */
export function rejectMalformed(gateway: Gateway, connection: Connection, message: string): void {
  if (gateway.settings.switches.malformedCommand === 'close-4001') {
    rejectPayload(gateway, connection, message)
    return
  }
  gateway.violation('payload', message, connection)
  gateway.later(connection, 5000, () => gateway.invalidate(connection, false))
}
