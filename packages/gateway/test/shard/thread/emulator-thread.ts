/** An emulator in a thread of its own: it tells where it is, and on any message what it saw. */
import { parentPort } from 'node:worker_threads'

import { Emulator } from 'twilight-emulator'

const emulator = await Emulator.start({ heartbeatIntervalMs: 400, heartbeatGrace: 4, identifyWindowMs: 0 })
parentPort?.on('message', () => parentPort?.postMessage(emulator.report()))
parentPort?.postMessage({ url: emulator.url, token: emulator.token })
