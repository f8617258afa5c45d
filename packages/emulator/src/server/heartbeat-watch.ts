import type { Connection } from '../connection/connection.ts'
import type { Gateway } from '../gateway.ts'

/** A timer that is later than this came after a stall of our own: beats may lie unread. */
const tardyMs = 50
/** Long enough to read them. */
const readingMs = 50

/**
 * Closes a socket whose beats stop for the interval times `heartbeatGrace`, its session kept (rule E20). A
 * frozen socket is not watched: its beats are not read.
 */
export function watchHeartbeat(gateway: Gateway, connection: Connection): void {
  const { clock, heartbeatIntervalMs, heartbeatGrace, switches } = gateway.settings
  const allowedMs = heartbeatIntervalMs * heartbeatGrace
  let hasRead = false
  const check = (): void => {
    const leftMs = connection.frozen ? allowedMs : connection.lastBeatAtMs + allowedMs - clock.now()
    if (leftMs > 0) {
      hasRead = false
      gateway.later(connection, leftMs, check)
      return
    }
    if (leftMs < -tardyMs && !hasRead) {
      hasRead = true
      gateway.later(connection, readingMs, check)
      return
    }
    const message = `no heartbeat for ${allowedMs} ms`
    gateway.reject(connection, 'heartbeat-late', message, switches.missedHeartbeat)
  }
  gateway.later(connection, allowedMs, check)
}
