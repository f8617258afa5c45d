import type { ClosedError } from '../errors.ts'
import type { Header } from '../wire/header.ts'
import type { LifecycleData, LifecycleName } from './lifecycle.ts'

/**
 * What the session machine asks of the world. The driver answers each request with an input of the
 * machine: `connect` with `opened` or `closed`, `requestIdentify` with `granted`, `wakeAt` with `tick`,
 * `close` and `terminate` with `closed`, within the close deadline.
 */
export interface SessionPort {
  /** Milliseconds of a monotonic clock. */
  now(): number
  /** A number in [0, 1). */
  random(): number
  /** Opens a socket to a gateway URL without query. */
  connect(url: string): void
  /** Writes a payload, whose opcode is `op`; false if the connection takes none any more, and its end is on the way. */
  send(payload: string | Buffer, op: number): boolean
  /** Sends a close frame. `closed` follows when the peer answered or the close deadline passed. */
  close(code: number): void
  /** Drops TCP at once. `closed` follows. */
  terminate(): void
  /** Wants `tick` at this time, instead of any earlier wish; Infinity = not at all. */
  wakeAt(atMs: number): void
  /** Wants an identify permit. */
  requestIdentify(): void
  /** Wants it no longer. */
  cancelIdentify(): void
  /** A dispatch, its sequence already accounted for. Header and bytes as the wire gave them. */
  deliver(header: Header, payload: Buffer, sessionId: string): void
  lifecycle<Name extends LifecycleName>(type: Name, data: LifecycleData[Name]): void
  /** The machine stopped for good and asks for nothing more. */
  stopped(reason: ClosedError): void
}

/** The part of an identify permit that the machine uses: one of both, once. */
export interface SessionPermit {
  spend(): void
  release(): void
}
