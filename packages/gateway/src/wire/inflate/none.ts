import type { Inflater } from './inflater.ts'

/** Payloads as they come. A binary message is taken for the payload too: peers differ in what they call JSON. */
export class NoneInflater implements Inflater {
  readonly mayHoldSeveral = false
  readonly capacityBytes = 0
  #bytes = 0

  inflate(message: Buffer): Buffer {
    this.#bytes += message.length
    return message
  }

  close(): void {
    // Nothing is held.
  }

  get bytesIn(): number {
    return this.#bytes
  }

  get bytesOut(): number {
    return this.#bytes
  }
}
