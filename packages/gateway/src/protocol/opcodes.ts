/** Gateway opcodes that a bot sends or receives (Discord docs, *Opcodes and Status Codes*). */
export const Opcode = {
  /** Received: an event; `t` names it. */
  Dispatch: 0,
  /** Sent: I am alive. Received: say so now. */
  Heartbeat: 1,
  /** Sent: begin a session. */
  Identify: 2,
  /** Sent: set the bot's presence. */
  PresenceUpdate: 3,
  /** Sent: join, move in or leave voice. */
  VoiceStateUpdate: 4,
  /** Sent: go on with a session. */
  Resume: 6,
  /** Received: reconnect and resume. */
  Reconnect: 7,
  /** Sent: ask for members of a guild. */
  RequestGuildMembers: 8,
  /** Received: the session is void; `d` says whether it can be resumed. */
  InvalidSession: 9,
  /** Received: the heartbeat interval, first of all. */
  Hello: 10,
  /** Received: a heartbeat arrived. */
  HeartbeatAck: 11,
  /** Sent: ask for the soundboard sounds of guilds. */
  RequestSoundboardSounds: 31,
  /** Sent: ask for status or voice start time of a guild's channels. */
  RequestChannelInfo: 43,
} as const

export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** Opcodes that the session sends by itself; a second voice would break it. */
export const sessionOpcodes: ReadonlySet<number> = new Set([Opcode.Heartbeat, Opcode.Identify, Opcode.Resume])
