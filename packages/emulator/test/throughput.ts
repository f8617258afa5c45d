/**
 * How many events a second one emulator process sends to one client in another process. Run by hand:
 * `node --conditions=twilight-source packages/emulator/test/throughput.ts [events] [profile A|B|C]`
 *
 * The client reads bytes and does nothing with them, so that it is the emulator that is measured, and says when the
 * last byte has come: that is when the clock stops. CPU time an event tells what the emulator could do beside a
 * client, or a machine, that is slower.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

import { Emulator } from '../src/index.ts'
import type { BlastOptions, TrafficProfile } from '../src/index.ts'
import { everyIntent, properties } from './script-client.ts'

const [role, url = '', token = ''] = process.argv.slice(2)
const headEnd = '\r\n\r\n'
const rounds = 3

if (role === 'reader') read(new URL(url), token)
else await measure(Number(role ?? 100_000), url === 'B' || url === 'C' ? url : 'A')

/** Identifies when the handshake is done, counts bytes, and says so when as many have come as the parent asks for. */
function read({ hostname, port, search }: URL, botToken: string): void {
  const socket = connect(Number(port), hostname)
  let bytes = 0
  let head = ''
  let wanted = Infinity
  const check = (): void => {
    if (bytes < wanted) return
    wanted = Infinity
    process.send?.('read')
  }
  socket.write(
    `GET /${search} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==${headEnd}`,
  )
  socket.on('data', (chunk) => {
    if (head.endsWith(headEnd)) bytes += chunk.length
    else {
      const text = head + chunk.toString('latin1')
      const end = text.indexOf(headEnd)
      if (end >= 0)
        socket.write(maskedText({ op: 2, d: { token: botToken, intents: everyIntent, properties } }))
      head = end < 0 ? text : text.slice(0, end + headEnd.length)
      bytes += text.length - head.length
    }
    check()
  })
  process.on('message', (count) => {
    wanted = Number(count)
    check()
  })
}

/** A frame masked with zero, of 126 to 65,535 bytes. */
function maskedText(payload: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(payload))
  const header = Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 0xff, 0, 0, 0, 0])
  return Buffer.concat([header, text])
}

async function measure(count: number, profile: TrafficProfile): Promise<void> {
  for (const [compression, arm] of [
    ['none', false],
    ['zlib-stream', false],
    ['zlib-stream', true],
    ['zstd-stream', false],
    ['zstd-stream', true],
  ] as const) {
    await using emulator = await Emulator.start({ guildBackfillMs: 0 })
    const query = compression === 'none' ? '' : `&compress=${compression}`
    const address = `${emulator.url}/?v=10&encoding=json${query}`
    const reader = fork(fileURLToPath(import.meta.url), ['reader', address, emulator.token])
    await emulator.waitFor('identify')
    const batch = emulator.prepare({ count, profile })
    for (let round = 1; round <= rounds; round++) {
      const line = await blast(emulator, reader, batch, { arm })
      process.stdout.write(`${compression}${arm ? ', compressed ahead' : ''}, round ${round}: ${line}\n`)
    }
    reader.kill()
  }
}

async function blast(
  emulator: Emulator,
  reader: ChildProcess,
  batch: ReturnType<Emulator['prepare']>,
  options: BlastOptions,
): Promise<string> {
  const bytesBefore = emulator.report().sent.bytes
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const { events, elapsedMs } = await emulator.blast(batch, options)
  const cpu = process.cpuUsage(cpuBefore)
  // Compressing ahead takes time before the clock of `blast` starts.
  const preparedMs = performance.now() - startedAt - elapsedMs
  const { bytes } = emulator.report().sent
  reader.send(bytes)
  await once(reader, 'message')
  const readMs = performance.now() - startedAt - preparedMs
  const cpuMicros = (cpu.user + cpu.system) / events
  const perSecond = (ms: number): string => Math.round((events / ms) * 1000).toLocaleString('en')
  return (
    `${perSecond(readMs)} events/s until read, ${perSecond(elapsedMs)}/s until sent, ` +
    `${cpuMicros.toFixed(1)} µs of CPU and ${((bytes - bytesBefore) / events).toFixed(0)} bytes an event`
  )
}
