import { describe, expect, test } from 'vitest'

import { expectAllOnce, liveShard, makeShard, Reader, say, startEmulator } from './fixture.ts'

describe('a listener', () => {
  test('hears every event of its type, and nothing once it is detached', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    const heard: string[] = []
    const everything: string[] = []
    const stop = shard.on('MESSAGE_CREATE', ({ data }) => heard.push(data.content))
    shard.on('*', ({ type }) => everything.push(type))
    await shard.start()
    say(emulator, 'one')
    await expect.poll(() => heard).toEqual(['one'])
    stop()
    stop()
    say(emulator, 'two')
    await expect.poll(() => everything.filter((type) => type === 'MESSAGE_CREATE')).toHaveLength(2)
    expect(heard).toEqual(['one'])
    expect(everything.slice(0, 4)).toEqual([
      'SHARD_CONNECTING',
      'SHARD_IDENTIFYING',
      'READY',
      'SHARD_CONNECTED',
    ])
  })

  test('that throws or rejects surfaces as an event, and harms nobody', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    const failures: unknown[] = []
    shard.on('MESSAGE_CREATE', () => {
      throw new Error('thrown')
    })
    shard.on('MESSAGE_CREATE', async () => {
      await Promise.resolve()
      throw new Error('rejected')
    })
    shard.on('SHARD_LISTENER_ERROR', ({ data }) => {
      failures.push([data.type, String(data.error)])
      throw new Error('even here')
    })
    const heard: string[] = []
    shard.on('MESSAGE_CREATE', ({ data }) => heard.push(data.content))
    say(emulator, 'one', 'two')
    await expect.poll(() => failures).toHaveLength(4)
    expect(failures).toEqual(
      expect.arrayContaining([
        ['MESSAGE_CREATE', 'Error: thrown'],
        ['MESSAGE_CREATE', 'Error: rejected'],
      ]),
    )
    expect(heard).toEqual(['one', 'two'])
    await expectAllOnce(emulator, reader)
    expect(shard.info()).toMatchObject({ phase: 'live', stats: { connects: 1 } })
  })

  test('may stop, restart and send from where it is called', async () => {
    const emulator = await startEmulator()
    const { shard, reader } = await liveShard(emulator)
    shard.on('MESSAGE_CREATE', ({ data }) => {
      if (data.content === 'restart') shard.restart()
      else if (data.content === 'send') void shard.send('{"op":31,"d":{"guild_ids":[]}}')
      else void shard.down()
    })
    say(emulator, 'restart')
    await reader.has('SHARD_CONNECTED', 2)
    const frame = emulator.waitFor('frame', ({ op }) => op === 31)
    say(emulator, 'send')
    await frame
    say(emulator, 'stop')
    expect(await reader.ended).toBeUndefined()
    expect(reader.contents).toEqual(['restart', 'send', 'stop'])
    expect(emulator.report().violations).toEqual([])
  })
})

describe('a stream that is full does not keep the events from listeners', () => {
  const highWaterMark = 10

  test('that were attached after it filled up', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator, { highWaterMark, compression: 'none' })
    await shard.start()
    say(emulator, ...Array.from({ length: 20 }, (_, index) => `early ${index}`))
    await expect.poll(() => shard.info().buffer.isPaused).toBe(true)
    const heard: string[] = []
    shard.on('MESSAGE_CREATE', ({ data }) => heard.push(data.content))
    say(emulator, ...Array.from({ length: 100 }, (_, index) => `late ${index}`))
    await expect.poll(() => heard.at(-1)).toBe('late 99')
    await expect.poll(() => shard.info().buffer.isPaused).toBe(false)
    // What waited in the stream still waits for whoever iterates.
    const reader = new Reader(shard)
    await reader.has('READY')
  })

  test('that were there when the loop was left', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator, { highWaterMark, compression: 'none' })
    const heard: string[] = []
    shard.on('MESSAGE_CREATE', ({ data }) => heard.push(data.content))
    const started = shard.start()
    for await (const event of shard) if (event.type === 'READY') break
    await started
    const contents = Array.from({ length: 200 }, (_, index) => `${index}`)
    say(emulator, ...contents)
    await expect.poll(() => heard.length).toBe(contents.length)
    expect(heard).toEqual(contents)
    // What the listeners had counts as handled.
    expect(shard.session?.sequence).toBe(shard.info().sequence)
  })
})

describe('a loop', () => {
  test('that is left can be followed by another, with nothing lost in between', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    const started = shard.start()
    const first: number[] = []
    for await (const event of shard) {
      if (event.sequence > 0) first.push(event.sequence)
      if (event.type === 'READY') break
    }
    await started
    say(emulator, 'in between')
    const reader = new Reader(shard)
    await reader.has('MESSAGE_CREATE')
    const [session] = emulator.report().sessions
    expect([...first, ...reader.sequences(session?.sessionId ?? '')]).toEqual([1, 2, 3, 4, 5])
  })

  test('has one reader at a time, and one that was left gives nothing more', async () => {
    const emulator = await startEmulator()
    const shard = makeShard(emulator)
    const iterator = shard[Symbol.asyncIterator]()
    expect(() => shard[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'SHARD_STATE' }))
    const waiting = iterator.next()
    await iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    const reader = new Reader(shard)
    await shard.start()
    await expectAllOnce(emulator, reader)
  })
})
