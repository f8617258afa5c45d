import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'

import { expectAllOnce, makeCluster, Reader, say, startEmulator } from './fixture.ts'

/** A server that answers an upgrade with 503 after a while, or never, and counts those that wait for it. */
async function slowServer(answerAfterMs: number | undefined) {
  const seen = { upgrades: 0, waiting: 0, most: 0 }
  const sockets = new Set<Duplex>()
  const server = createServer()
  server.on('upgrade', (_request, socket) => {
    sockets.add(socket.on('error', () => undefined))
    seen.upgrades += 1
    seen.waiting += 1
    seen.most = Math.max(seen.most, seen.waiting)
    socket.once('close', () => sockets.delete(socket))
    if (answerAfterMs === undefined) return
    setTimeout(() => {
      seen.waiting -= 1
      socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
    }, answerAfterMs)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

test('no more than connectsAtOnce connections are opened at the same time', async () => {
  const { url, seen } = await slowServer(30)
  const cluster = await makeCluster(await startEmulator(), { shards: 12, connectsAtOnce: 2, gatewayUrl: url })
  void cluster.up()
  await expect.poll(() => seen.upgrades).toBeGreaterThan(12)
  expect(seen.most).toBe(2)
  await cluster.down()
})

test('a shard that is stopped while it stands in line stops at once', async () => {
  const { url, seen } = await slowServer(undefined)
  const cluster = await makeCluster(await startEmulator(), { shards: 3, connectsAtOnce: 1, gatewayUrl: url })
  const up = cluster.up()
  await expect.poll(() => seen.upgrades).toBe(1)
  await cluster.down()
  await expect(up).rejects.toMatchObject({ code: 'CLOSED_LOCALLY' })
  expect(cluster.info().map(({ phase }) => phase)).toEqual(['stopped', 'stopped', 'stopped'])
  expect(seen.upgrades).toBe(1)
})

test('all connections break at once: all sessions are resumed, one after the other', async () => {
  const shards = 12
  const emulator = await startEmulator({ shards })
  const cluster = await makeCluster(emulator, { shards, connectsAtOnce: 1 })
  const reader = new Reader(cluster)
  await cluster.up()
  emulator.all.drop()
  say(emulator, 'meanwhile')
  await reader.until(() => reader.of('SHARD_CONNECTED').filter(({ data }) => data.resumed).length === shards)
  await expectAllOnce(emulator, reader)
  expect(emulator.report().violations).toEqual([])
})
