import type {
  GatewayPresenceUpdateData,
  GatewayRequestChannelInfo,
  GatewayRequestGuildMembers,
  GatewayRequestSoundboardSounds,
  GatewayUpdatePresence,
  GatewayVoiceStateUpdate,
} from 'discord-api-types/v10'

/** A type with the members of string enums also allowed as plain strings: `'idle'` beside `PresenceUpdateStatus.Idle`. */
type Plain<Value> = Value extends string
  ? `${Value}`
  : Value extends object
    ? { [Key in keyof Value]: Plain<Value[Key]> }
    : Value

/** The presence that IDENTIFY and op 3 carry (Discord docs, *Gateway Events*, Update Presence). */
export type PresenceUpdate = Plain<GatewayPresenceUpdateData>

/** What a bot may send besides what the session sends by itself (Discord docs, *Gateway Events*, Send Events). */
export type GatewayCommand = Plain<
  | GatewayUpdatePresence
  | GatewayVoiceStateUpdate
  | GatewayRequestGuildMembers
  | GatewayRequestSoundboardSounds
  | GatewayRequestChannelInfo
>
