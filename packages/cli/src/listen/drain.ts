import { setTimeout as sleep } from 'node:timers/promises'

import type { Emulator } from 'twilight-emulator'

import type { Tally } from './tally.ts'

const pollMs = 25
/** Looks in a row that must find everything arrived: between two of them guilds of a new session may still come. */
const quietLooks = 4
/** A shard that lost its connection may wait five seconds before it resumes (op 9). */
const deadlineMs = 15_000

/**
 * Waits until everything that the emulator sent in sessions that live has arrived, replays included; after that both
 * sides can be compared. Gives up at a deadline: then what is missing counts as missed.
 */
export async function drain(emulator: Emulator, tally: Tally): Promise<void> {
  const endMs = performance.now() + deadlineMs
  let quiet = 0
  while (quiet < quietLooks && performance.now() < endMs) {
    await sleep(pollMs)
    const live = emulator.report().sessions.filter(({ endReason }) => endReason === null)
    const isQuiet = live.every(({ connected }) => connected) && tally.missed(live) === 0
    quiet = isQuiet ? quiet + 1 : 0
  }
}
