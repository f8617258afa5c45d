/** Unix time in ms at which snowflakes begin. Source: Discord docs, *API Reference*, snowflakes. */
export const discordEpochMs: number = 1_420_070_400_000

const lowBits = 22
const lowRange = 4_194_304
const digits = 1_000_000

/**
 * The id of a thing made at `timeMs`, with its 22 lower bits (worker, process, increment). Plain numbers: a BigInt
 * costs several times as much, and events are made by the hundred thousand.
 */
export function snowflake(timeMs: number, low: number): string {
  const age = timeMs - discordEpochMs
  const lower = (age % digits) * lowRange + (low % lowRange)
  const upper = Math.floor(age / digits) * lowRange + Math.floor(lower / digits)
  return `${upper}${String(lower % digits).padStart(6, '0')}`
}

/** Unix time in ms at which the id was made. */
export function snowflakeTime(id: string): number {
  return Number(BigInt(id) >> BigInt(lowBits)) + discordEpochMs
}

/** The 22 lower bits of an id. */
export function snowflakeLow(id: string): number {
  return Number(BigInt(id) & BigInt(lowRange - 1))
}

/** A time as the gateway writes it: ISO 8601 with microseconds and `+00:00`. */
export function isoTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -1)}000+00:00`
}
