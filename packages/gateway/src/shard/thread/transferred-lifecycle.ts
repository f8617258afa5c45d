import type { LifecycleEvent } from '../event.ts'
import { packError, type ErrorUnpacker, type TransferredError } from './transferred-error.ts'

/** The members of life-cycle data that hold errors. */
const errorKeys = ['error', 'reason'] as const

/** The data of a life-cycle event, with its errors taken apart. */
export function packLifecycle(event: LifecycleEvent): Record<string, unknown> {
  const packed: Record<string, unknown> = { ...event.data }
  for (const key of errorKeys) {
    if (packed[key] instanceof Error) packed[key] = { transferredError: packError(packed[key]) }
  }
  return packed
}

/** The data as the event had it. */
export function unpackLifecycle(packed: unknown, unpacker: ErrorUnpacker): LifecycleEvent['data'] {
  const data: Record<string, unknown> = { ...(packed as Record<string, unknown>) }
  for (const key of errorKeys) {
    const value = data[key]
    if (isTransferred(value)) data[key] = unpacker.error(value.transferredError)
  }
  // The other thread runs the same code: what it packed was the data of a life-cycle event.
  return data as unknown as LifecycleEvent['data']
}

function isTransferred(value: unknown): value is { readonly transferredError: TransferredError } {
  return typeof value === 'object' && value !== null && 'transferredError' in value
}
