/** What decides how an event looks to one session. */
export interface SessionView {
  readonly intents: number
  /** The bot's own user id: its own messages are never blanked. */
  readonly selfId: string
  /** Clamped `large_threshold` of the identify. */
  readonly largeThreshold: number
  /** Channels that are obfuscated for this session; empty if none are (rule E42). */
  readonly hiddenChannelIds: ReadonlySet<string>
}
