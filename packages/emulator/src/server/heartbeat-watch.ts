import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'

/**
 * Closes a socket whose beats stop for the interval times `heartbeatGrace`, its session kept (rule E20). A
 * frozen socket is not watched: its beats are not read.
 */
export function watchHeartbeat(gateway: Gateway, connection: Connection): void {
  const { clock, heartbeatIntervalMs, heartbeatGrace, switches } = gateway.settings
  const allowedMs = heartbeatIntervalMs * heartbeatGrace
  const check = (): void => {
    const leftMs = connection.frozen ? allowedMs : connection.lastBeatAtMs + allowedMs - clock.now()
    if (leftMs > 0) {
      gateway.later(connection, leftMs, check)
      return
    }
    const message = `no heartbeat for ${allowedMs} ms`
    gateway.reject(connection, 'heartbeat-late', message, switches.missedHeartbeat)
  }
  gateway.later(connection, allowedMs, check)
}
