import { describe, expect, test } from 'vitest'

import { ConnectGate } from '../../src/shard/connect-gate.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function gateOf(limit: number) {
  const clock = new VirtualClock()
  const gate = new ConnectGate(limit, clock)
  const opened: number[] = []
  const enter = (id: number): (() => boolean) => gate.enter(() => opened.push(id))
  return { clock, gate, opened, enter }
}

describe('the gate', () => {
  test('lets so many in, and the others in their order as places become free', () => {
    const { opened, enter, gate } = gateOf(2)
    const [first, second] = [0, 1, 2, 3, 4].map(enter)
    expect(opened).toEqual([0, 1])
    expect(gate.waiting).toBe(3)
    expect(second?.()).toBe(false)
    expect(first?.()).toBe(false)
    expect(opened).toEqual([0, 1, 2, 3])
    // Who has left has left.
    first?.()
    expect(opened).toEqual([0, 1, 2, 3])
  })

  test('who leaves the line is never let in, and is told so', () => {
    const { opened, enter } = gateOf(1)
    const [first, second] = [0, 1, 2].map(enter)
    expect(second?.()).toBe(true)
    expect(second?.()).toBe(false)
    first?.()
    expect(opened).toEqual([0, 2])
  })

  test('a connection that takes long keeps nobody out for longer than two seconds', async () => {
    const { clock, opened, enter } = gateOf(1)
    const [first] = [0, 1, 2].map(enter)
    await clock.advance(1_999)
    expect(opened).toEqual([0])
    await clock.advance(1)
    expect(opened).toEqual([0, 1])
    // Its place is another one's by now.
    first?.()
    expect(opened).toEqual([0, 1])
    await clock.advance(2_000)
    expect(opened).toEqual([0, 1, 2])
  })
})
