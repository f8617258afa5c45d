import { onTestFinished } from 'vitest'

import { Emulator, VirtualClock } from '../src/index.ts'
import type { EmulatorOptions } from '../src/index.ts'

/** A small emulator in virtual time whose GUILD_CREATEs follow READY at once; stopped after the test. */
export async function startEmulator(
  options: EmulatorOptions = {},
): Promise<{ readonly emulator: Emulator; readonly clock: VirtualClock }> {
  const clock = new VirtualClock()
  const emulator = await Emulator.start({
    clock,
    guildBackfillMs: 0,
    world: { guilds: 3, membersPerGuild: 8, channelsPerGuild: 4, rolesPerGuild: 2, emojisPerGuild: 2 },
    ...options,
  })
  onTestFinished(async () => emulator.stop())
  return { emulator, clock }
}

/** The rules that clients were caught breaking, in order. */
export function rules(emulator: Emulator): string[] {
  return emulator.report().violations.map(({ rule }) => rule)
}
