/** A bit set without a bit. Typed as a number since the flag enums of discord-api-types take no literal 0. */
export const noFlags: number = 0
