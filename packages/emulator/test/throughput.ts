/**
 * How many events a second one emulator process sends to one reading client in another process. Run by hand:
 * `node --conditions=twilight-source packages/emulator/test/throughput.ts [events] [profile A|B|C]`
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { WebSocket } from 'ws'

import { Emulator } from '../src/index.ts'
import { everyIntent, properties } from './script-client.ts'

const [role, url = '', token = ''] = process.argv.slice(2)

if (role === 'reader') read(url, token)
else await measure(Number(role ?? 100_000), url === 'B' || url === 'C' ? url : 'A')

/** Identifies at the first message and throws the rest away, as cheaply as `ws` can. */
function read(gatewayUrl: string, botToken: string): void {
  const socket = new WebSocket(gatewayUrl, { perMessageDeflate: false, skipUTF8Validation: true })
  socket.once('message', () => {
    const identify = { token: botToken, intents: everyIntent, properties }
    socket.send(JSON.stringify({ op: 2, d: identify }))
  })
  socket.on('message', () => undefined)
}

async function measure(count: number, profile: 'A' | 'B' | 'C'): Promise<void> {
  for (const compression of ['none', 'zlib-stream', 'zstd-stream']) {
    await using emulator = await Emulator.start({ guildBackfillMs: 0 })
    const query = compression === 'none' ? '' : `&compress=${compression}`
    const client = fork(fileURLToPath(import.meta.url), [
      'reader',
      `${emulator.url}/?v=10&encoding=json${query}`,
      emulator.token,
    ])
    await emulator.waitFor('identify')
    const batch = emulator.prepare({ count, profile })
    const bytes = batch.events.reduce((sum, event) => sum + event.serialise().length, 0)
    await emulator.blast(batch)
    const { events, elapsedMs, eventsPerSecond } = await emulator.blast(batch)
    const rate = Math.round(eventsPerSecond).toLocaleString('en')
    process.stdout.write(
      `${compression}: ${rate} events/s (${events} in ${elapsedMs.toFixed(0)} ms, ${(bytes / count).toFixed(0)} bytes each)\n`,
    )
    client.kill()
  }
}
