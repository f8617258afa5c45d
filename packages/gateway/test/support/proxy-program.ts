/** A proxy in a process of its own: `http`, `https` or `socks`, with the credentials `user` and `right`. */
import type { AddressInfo, Server as NetServer } from 'node:net'

import { createServer } from '@pondwader/socks5-server'
import { Server } from 'proxy-chain'

const [kind = 'http', key = '', cert = ''] = process.argv.slice(2)

if (kind === 'socks') listenSocks()
else await listenHttp()
// The parent that is gone stops nobody.
process.on('disconnect', () => process.exit())

async function listenHttp(): Promise<void> {
  const server = new Server({
    port: 0,
    host: '127.0.0.1',
    ...(kind === 'https' ? { serverType: 'https', httpsOptions: { key, cert } } : { serverType: 'http' }),
    prepareRequestFunction: ({ username, password, hostname, port }) => {
      if (!isKnown(username, password)) return { requestAuthentication: true }
      process.send?.({ target: `${hostname}:${port}` })
      return {}
    },
  })
  await server.listen()
  process.send?.({ port: server.port })
}

function listenSocks(): void {
  const server = createServer()
  server.setAuthHandler(({ username, password }) => isKnown(username, password))
  server.setRulesetValidator(({ destAddress, destPort }) => {
    process.send?.({ target: `${destAddress}:${destPort}` })
    return true
  })
  server.listen({ port: 0, host: '127.0.0.1' }, () => {
    const { port } = (Reflect.get(server, 'server') as NetServer).address() as AddressInfo
    process.send?.({ port })
  })
}

function isKnown(username: string, password: string): boolean {
  return username === 'user' && password === 'right'
}
