export { Emulator } from './emulator.ts'
export type { BotAccount } from './emulator.ts'
export type { Recording, RecordingResult, RecordOptions } from './recording/recording.ts'
export type { RecordedDispatch, RecordingHeader } from './recording/format.ts'
export type { RecordingSource, ReplayOptions, ReplayResult } from './recording/replay.ts'
export type { DispatchTarget } from './gateway.ts'
export type {
  BotOptions,
  ChannelObfuscation,
  EmulatorOptions,
  SessionStartLimit,
  TrafficOptions,
} from './options.ts'
export { defaultSwitches } from './switches.ts'
export type { Switches } from './switches.ts'
export { VirtualClock, systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export { ShardHandle } from './fault/shard-handle.ts'
export type { GreetingOptions } from './fault/shard-handle.ts'
export type { Outage } from './fault/fault-plan.ts'
export type { TrafficDriver } from './traffic-driver.ts'
export { Batch } from './blast/batch.ts'
export type { PrepareOptions } from './blast/batch.ts'
export type { BlastOptions, BlastResult } from './blast/blast.ts'
export type {
  ClientFrame,
  ConnectionRecord,
  EmulatorReport,
  IdentifyRecord,
  ResumeRecord,
  SessionRecord,
  Violation,
  ViolationRule,
} from './report/report.ts'
export type { SignalName, Signals, WaitOptions } from './report/signal.ts'
export { Opcode } from './protocol/opcode.ts'
export { CloseCode } from './protocol/close-code.ts'
export { Intent, allIntents, privilegedIntents } from './protocol/intent.ts'
export { Limit, shardOfGuild } from './protocol/limit.ts'
export { World } from './traffic/world.ts'
export type { WorldOptions } from './traffic/world.ts'
export { Traffic, sample } from './traffic/traffic.ts'
export type { TrafficEvent, TrafficProfile } from './traffic/traffic.ts'
