import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { Emulator } from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { sourceOptions } from './process/processes.ts'
import { ready, ScriptClient } from './script-client.ts'

/** A process of its own, since only the end of a process proves that nothing is left to keep it alive. */
const program = `
  import { connect } from 'node:net'
  import { PassThrough, Writable } from 'node:stream'
  import { Emulator } from 'twilight-emulator'
  import { ready } from './script-client.ts'
  import { cert, key } from './certificate.ts'

  for (const tls of [undefined, { key, cert }]) {
    const emulator = await Emulator.start({ tls, sessionStartLimit: { total: 9 }, identifyWindowMs: 0 })
    emulator.traffic.start({ ratePerSecond: 1000 })
    const clients = []
    for (const compress of ['none', 'zlib-stream', 'zstd-stream']) {
      const query = 'v=10&encoding=json' + (compress === 'none' ? '' : '&compress=' + compress)
      clients.push(await ready(emulator, {}, query))
    }
    // What may be under way at the end: a lost session, a black hole, a late close, a lone TCP peer, a wait,
    // a recording that nobody writes, a replay whose source is silent.
    clients[0].socket.terminate()
    emulator.all.freeze()
    emulator.all.reconnect()
    connect(Number(new URL(emulator.url).port), '127.0.0.1').on('error', () => undefined)
    emulator.waitFor('resume', undefined, { timeoutMs: 600_000 }).catch(() => undefined)
    await fetch(emulator.apiUrl + '/gateway').catch(() => undefined)
    fetch(emulator.controlUrl + '/wait/resume?timeoutMs=600000').catch(() => undefined)
    fetch(emulator.controlUrl + '/recording').then(({ body }) => body.cancel(), () => undefined)
    const stuck = new Writable({ write: () => undefined })
    stuck.on('error', () => undefined)
    await emulator.record(stuck)
    const source = new PassThrough()
    source.write('{"format":"discord-gateway-recording","version":1}\\n')
    const replayed = emulator.replay(source)
    await emulator.stop()
    await emulator.stop()
    if ((await replayed).isComplete) throw new Error('a replay that never ended is complete')
  }
  process.stdout.write('stopped')
`

test('after stop nothing keeps the process alive, whatever was going on', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...sourceOptions, '--input-type=module', '--eval', program],
    { cwd: fileURLToPath(new URL('.', import.meta.url)), timeout: 60_000 },
  )
  expect(stdout).toBe('stopped')
}, 90_000)

test('stop ends sockets and listeners, also through await using', async () => {
  let client: ScriptClient
  let url: string
  {
    await using emulator = await Emulator.start()
    url = emulator.url
    client = await ready(emulator)
  }
  expect((await client.closed).code).toBe(1006)
  await expect(new ScriptClient(url).opened).rejects.toThrow('ECONNREFUSED')
})

test('the report is still there after stop', async () => {
  const emulator = await Emulator.start({ tls: { key, cert } })
  const client = await ready(emulator)
  await emulator.stop()
  await client.closed
  const { sessions, connections } = emulator.report()
  expect(sessions).toMatchObject([{ sessionId: client.sessionId, endReason: 'stopped' }])
  expect(connections).toMatchObject([{ closedBy: 'emulator', closeCode: 1006 }])
})
