/** The right to send one IDENTIFY. Exactly one of both calls counts; further ones are ignored. */
export interface IdentifyPermit {
  /** IDENTIFY is being written now: the lane's window runs from here, and the daily budget is one less. */
  spend(): void
  /** The permit was not used: the next shard may have it. */
  release(): void
}

/**
 * Where shards wait for the right to identify. The scope of Discord's limit is the application: all shards of a bot,
 * in all its processes, must share one queue.
 */
export interface IdentifyQueue {
  /**
   * Waits for a permit. The permit belongs to the caller until it is spent or released.
   * @throws GatewayError ABORTED when the signal aborts; the place is given up at no cost
   */
  acquire(shardId: number, signal: AbortSignal): Promise<IdentifyPermit>
}
