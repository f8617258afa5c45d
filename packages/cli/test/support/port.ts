import { createServer, type Server, type Socket } from 'node:net'

/** A port of this machine where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await listening()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const port = portOf(server)
  await promise
  return port
}

/** A server that takes connections and never says a word. */
export class MuteServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Resolves with the first connection. */
  readonly reached = Promise.withResolvers<void>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      this.reached.resolve()
    })
  }

  static async start(): Promise<MuteServer> {
    return new MuteServer(await listening())
  }

  get port(): number {
    return portOf(this.#server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    for (const socket of this.#sockets) socket.destroy()
    await promise
  }
}

async function listening(): Promise<Server> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
