/** Tracing through `node:diagnostics_channel`: `twilight-gateway/diagnostics`. See `docs/tracing.md`. */
export { subscribe } from './channels.ts'
export type {
  ChannelMessages,
  ChannelName,
  ConnectionMessage,
  PayloadMessage,
  QueueMessage,
  SessionMessage,
  TracedShard,
} from './messages.ts'
