import { channel, subscribe as subscribeTo, unsubscribe, type Channel } from 'node:diagnostics_channel'

import type { ChannelMessages, ChannelName } from './messages.ts'

/** The channels of this library in `node:diagnostics_channel`. Whoever does not subscribe pays one comparison. */
export const channels: { readonly [Name in ChannelName]: Channel } = {
  'twilight-gateway:connection': channel('twilight-gateway:connection'),
  'twilight-gateway:session': channel('twilight-gateway:session'),
  'twilight-gateway:payload': channel('twilight-gateway:payload'),
  'twilight-gateway:queue': channel('twilight-gateway:queue'),
}

/**
 * `subscribe` of `node:diagnostics_channel` with the types of our messages. The subscriber is called in the middle of the
 * shard's work: it should note what it needs and return, and must not call the shard. What it throws does not reach the
 * shard: Node raises it as an uncaught exception of the process.
 * @returns a function that ends the subscription
 */
export function subscribe<Name extends ChannelName>(
  name: Name,
  subscriber: (message: ChannelMessages[Name]) => void,
): () => void {
  // Only this library publishes on these channels.
  const listener = (message: unknown): void => subscriber(message as ChannelMessages[Name])
  subscribeTo(name, listener)
  return () => {
    unsubscribe(name, listener)
  }
}
