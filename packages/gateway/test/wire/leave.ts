// Ends a connection in the way that the arguments name, and then has nothing left to do: the process must end by itself.
import { JsonCodec } from '../../src/wire/json-codec.ts'
import { GatewaySocket } from '../../src/wire/socket.ts'

const [, , url = '', way = ''] = process.argv
const longMs = 600_000

const socket: GatewaySocket = new GatewaySocket(
  {
    url,
    compression: 'zstd-stream',
    connectTimeoutMs: way === 'deadline' ? 100 : longMs,
    closeTimeoutMs: way === 'unanswered' ? 100 : longMs,
    maxMessageBytes: 1_000_000,
    maxInflatedBytes: 1_000_000,
    clock: {
      now: () => performance.now(),
      setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
      clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
    },
    codec: new JsonCodec(),
  },
  {
    opened: () => {
      if (way === 'terminate') socket.terminate()
      else if (way === 'close' || way === 'unanswered') socket.close(4900)
    },
    payload: () => undefined,
    closed: ({ code }) => process.stdout.write(`closed ${code}`),
  },
)
if (way === 'early') socket.terminate()
