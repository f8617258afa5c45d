import { GatewayError } from '../errors.ts'
import type { IdentifyPermit, IdentifyQueue } from './identify-queue.ts'

const permit: IdentifyPermit = { spend: () => undefined, release: () => undefined }

/** Lets everybody identify at once: for proxies that keep Discord's limits themselves. */
export const unlimitedIdentifyQueue: IdentifyQueue = {
  async acquire(shardId, signal) {
    if (!signal.aborted) return permit
    throw new GatewayError('ABORTED', `shard ${shardId} no longer waits to identify`, {
      cause: signal.reason,
    })
  },
}
