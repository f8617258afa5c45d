import { Opcode } from '../protocol/opcode.ts'
import type { CommandHandler } from './command.ts'
import { channelInfoRequest, soundboardRequest } from './guild-info.ts'
import { heartbeat } from './heartbeat.ts'
import { identify } from './identify.ts'
import { memberRequest } from './member-request.ts'
import { presenceUpdate } from './presence.ts'
import { resume } from './resume.ts'
import { voiceStateUpdate } from './voice.ts'

/** Opcodes that a bot may send. Source: Discord docs, *Opcodes and Status Codes*. */
export const commands: ReadonlyMap<
  number,
  { readonly handle: CommandHandler; readonly beforeAuth: boolean }
> = new Map([
  [Opcode.Heartbeat, { handle: heartbeat, beforeAuth: true }],
  [Opcode.Identify, { handle: identify, beforeAuth: true }],
  [Opcode.PresenceUpdate, { handle: presenceUpdate, beforeAuth: false }],
  [Opcode.VoiceStateUpdate, { handle: voiceStateUpdate, beforeAuth: false }],
  [Opcode.Resume, { handle: resume, beforeAuth: true }],
  [Opcode.RequestGuildMembers, { handle: memberRequest, beforeAuth: false }],
  [Opcode.RequestSoundboardSounds, { handle: soundboardRequest, beforeAuth: false }],
  [Opcode.RequestChannelInfo, { handle: channelInfoRequest, beforeAuth: false }],
])
