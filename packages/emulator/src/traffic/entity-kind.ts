/** The kinds of things in a world. The number goes into their ids and into the keys of their randomness. */
export const EntityKind = {
  Guild: 0,
  Channel: 1,
  Thread: 2,
  Role: 3,
  Emoji: 4,
  Sticker: 5,
  Sound: 6,
  ScheduledEvent: 7,
  StageInstance: 8,
  Integration: 9,
  ModerationRule: 10,
  User: 12,
  Member: 13,
  Presence: 14,
  VoiceState: 15,
  Message: 16,
  Application: 17,
  Command: 18,
  Sku: 19,
  Entitlement: 20,
  Subscription: 21,
  Interaction: 22,
  AuditLogEntry: 23,
  Traffic: 25,
} as const

/** One of {@link EntityKind}. */
export type EntityKind = (typeof EntityKind)[keyof typeof EntityKind]

const kindShift = 17
const indexMask = (1 << kindShift) - 1

/** The 22 lower bits of the id of the `index`-th thing of a kind. */
export function entityBits(kind: EntityKind, index: number): number {
  return kind * (indexMask + 1) + (index & indexMask)
}

/** The index within the 22 lower bits, or undefined if they are of another kind. */
export function entityIndex(kind: EntityKind, low: number): number | undefined {
  return low >>> kindShift === kind ? low & indexMask : undefined
}
