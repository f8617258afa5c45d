import { once } from 'node:events'

import { expect, test } from 'vitest'

import type { Emulator } from '../src/index.ts'
import { rules, startEmulator } from './fixture.ts'
import { greeted, ready } from './script-client.ts'

const maxBufferedBytes = 1_000_000

/** Does something again and again, with turns for the sockets between, until the only client has been dropped. */
async function untilDropped(emulator: Emulator, act: () => void): Promise<void> {
  const dropped = emulator.waitFor('disconnect')
  while (emulator.all.connectionCount > 0) {
    act()
    await new Promise(setImmediate)
  }
  expect(await dropped).toMatchObject({ closedBy: 'emulator', closeCode: 1006 })
}

/** What waited for the client when it was dropped; its session stays. */
function waitingBytes(emulator: Emulator): number {
  const { violations, sessions } = emulator.report()
  expect(violations).toMatchObject([{ rule: 'slow-reader', shard: 0 }])
  expect(sessions[0]?.endReason).toBeNull()
  return Number.parseInt(violations[0]?.message ?? '', 10)
}

test('a client that never reads is dropped when what waits for it passes the cap', async () => {
  const { emulator } = await startEmulator({ maxBufferedBytes })
  const client = await ready(emulator, { intents: 0 })
  client.socket.pause()
  const text = 'x'.repeat(100_000)
  await untilDropped(emulator, () => emulator.dispatch('USER_UPDATE', { text }))
  expect(waitingBytes(emulator)).toBeGreaterThan(maxBufferedBytes)
  expect(waitingBytes(emulator)).toBeLessThan(maxBufferedBytes + 101_000)
})

test('what comes behind a blast that was compressed ahead counts', async () => {
  const { emulator } = await startEmulator({ maxBufferedBytes })
  const client = await ready(emulator, { intents: 0 })
  // The client takes nothing, so the blast waits, and holds back what is dispatched meanwhile.
  client.socket.pause()
  const batch = emulator.prepare({ count: 100 })
  const blast = emulator.blast(batch, { arm: true, mode: 'every-session', repeat: 300 })
  const text = 'x'.repeat(100_000)
  await untilDropped(emulator, () => emulator.dispatch('USER_UPDATE', { text }))
  const { events } = await blast
  expect(events).toBe(30_000)
  expect(waitingBytes(emulator)).toBeLessThan(maxBufferedBytes + 300_000)
})

test('a blast waits for a client that never reads, and ends with its socket', async () => {
  const { emulator } = await startEmulator({ maxBufferedBytes })
  const client = await ready(emulator, { intents: 0 })
  client.socket.pause()
  const blast = emulator.blast(emulator.prepare({ count: 1000 }), { mode: 'every-session', repeat: 1000 })
  // Without waiting, each turn of the process would write 128 events more.
  const other = await greeted(emulator)
  for (let turn = 0; turn < 100; turn++) {
    other.socket.ping()
    await once(other.socket, 'pong')
  }
  expect(rules(emulator)).toEqual([])
  emulator.shard(0).drop()
  expect((await blast).events).toBeLessThan(1_000_000)
})
