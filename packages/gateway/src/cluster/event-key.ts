import { hash } from 'node:crypto'

import type { GatewayEvent } from '../shard/event.ts'
import { LazyDispatch } from '../shard/lazy-dispatch.ts'

/**
 * What two copies of one event have in common that came through two sessions: its name and its data, to the byte.
 * Sequence and session differ.
 */
export function eventKey(event: GatewayEvent): string | undefined {
  const dispatch: unknown = event
  if (!(dispatch instanceof LazyDispatch)) return undefined
  const { raw, dataStart, dataEnd, type } = dispatch
  return `${type} ${hash('sha1', raw.subarray(Math.max(0, dataStart), Math.max(0, dataEnd)), 'base64')}`
}
