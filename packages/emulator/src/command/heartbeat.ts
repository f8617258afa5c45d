import { Opcode } from '../protocol/opcode.ts'
import { rejectPayload } from './command.ts'
import type { CommandHandler } from './command.ts'

/** Op 1: exactly one op 11, behind whatever is already on its way (rules E8, E19). */
export const heartbeat: CommandHandler = (gateway, connection, data) => {
  if (data !== null && data !== undefined && !Number.isSafeInteger(data)) {
    rejectPayload(gateway, connection, 'heartbeat d is neither null nor an integer')
    return
  }
  connection.lastBeatAtMs = gateway.settings.clock.now()
  if (!connection.withholdsAcks) connection.send(Opcode.HeartbeatAck, null)
}
