export type { AutoReshardOptions } from './cluster/auto-reshard.ts'
export type { ClusterOptions } from './cluster/cluster-options.ts'
export { Cluster } from './cluster/cluster.ts'
export type { ReshardOptions } from './cluster/reshard.ts'
export type { ShardScheme } from './cluster/shard-plan.ts'
export type { Clock } from './clock.ts'
export {
  ClosedError,
  CommandError,
  ConfigError,
  ConnectError,
  DecodeError,
  FatalCloseError,
  GatewayError,
  TimeoutError,
  type ErrorCode,
} from './errors.ts'
export { fetchGatewayBot, type Fetch, type GatewayBot } from './http/gateway-bot.ts'
export type { GatewayCommand, PresenceUpdate } from './protocol/commands.ts'
export {
  allIntents,
  intentNames,
  Intents,
  intentsOf,
  privilegedIntents,
  unprivilegedIntents,
  type IntentName,
} from './protocol/intents.ts'
export { Opcode } from './protocol/opcodes.ts'
export { shardIdOf } from './protocol/shard-id.ts'
export { userAgent, version } from './protocol/user-agent.ts'
export type { IdentifyPermit, IdentifyQueue } from './queue/identify-queue.ts'
export { InMemoryIdentifyQueue } from './queue/in-memory-identify-queue.ts'
export { unlimitedIdentifyQueue } from './queue/no-identify-queue.ts'
export type { GatewaySession } from './session/gateway-session.ts'
export type { DisconnectCause, LifecycleData } from './session/lifecycle.ts'
export type { SessionPhase } from './session/session-phase.ts'
export type { AgentModule } from './shard/agent-module.ts'
export type { DispatchEvent, EventMap, EventType, GatewayEvent, LifecycleEvent } from './shard/event.ts'
export type { Listener, ListenerMap } from './shard/listeners.ts'
export type { ChannelInfo, ChannelInfoField, SoundboardSounds } from './shard/request/guild-reply.ts'
export type { MemberChunk, MemberRequest, MemberRequestOptions } from './shard/request/member-request.ts'
export type { RequestOptions } from './shard/request/request-options.ts'
export type { VoiceCredentials, VoiceStateUpdate } from './shard/request/voice-request.ts'
export { Shard } from './shard/shard.ts'
export type { ShardInfo, ShardStats } from './shard/shard-info.ts'
export type { CommonOptions, ShardOptions, ShardTimeouts, Threads } from './shard/shard-options.ts'
export { FileSessionStore } from './store/file-session-store.ts'
export type { SessionStore } from './store/session-store.ts'
export type { Deserializer, Encoding } from './wire/codec.ts'
export type { Compression, ZlibLibrary } from './wire/inflate/inflater.ts'
export type { TlsOptions } from './wire/tls-context.ts'
